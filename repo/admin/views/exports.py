"""/admin/exports                 packages of one's libraries         GET
/admin/exports/new             ask for one                         GET POST
/admin/exports/<id>            how far it is, its checksum         GET
/admin/exports/<id>/file       the package, in parts if need be    GET
/admin/exports/<id>/remove     before its time                     POST
"""

from base64 import b64encode

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from ingest.export_requests import (
    Wish,
    file_name,
    find_export_job,
    list_exports,
    load_export,
    open_export,
    remove_export,
    request_export,
)
from repo.admin import services
from repo.admin.forms import MOST_WORKS, ExportForm
from repo.admin.rights import require_office
from repo.admin.views import bp
from repo.db import transaction
from repo.discovery.searching import read_search
from repo.errors import InvalidError, NotFoundError
from repo.items.access import Actor
from repo.members.current import current_networks
from repo.members.forms import tell_faults
from repo.members.models import Collection, Library
from repo.members.services.collections import load_trees
from repo.search.services.finding import find_ids
from repo.web.files import send_stream

NUMBER = "<int(max=2147483647):export_id>"


@bp.get("/exports")
def exports() -> str:
    return render_template("admin/exports.html", exports=list_exports(require_office()))


@bp.route("/exports/new", methods=["GET", "POST"])
def new_export() -> AnyResponse | tuple[str, int]:
    actor, form = require_office(), ExportForm()
    form.offer(load_trees(services.list_libraries(actor)))
    if form.validate_on_submit():
        try:
            with transaction():
                library, collection = _place(actor, form.place.data)
                wish = Wish(library, collection, form.format.data, bool(form.files.data), form.items)
                made = request_export(actor, wish).id
            flash(_("The package is being made. Load this page again to see how far it is."))
            return redirect(url_for("admin.export", export_id=made))
        except InvalidError as error:
            tell_faults(form, error)
    elif not form.is_submitted() and request.args.keys() - {"lang"}:
        form.works.data = "\n".join(_find_works(actor))
    return render_template("admin/export_form.html", form=form), 422 if form.is_submitted() else 200


@bp.get(f"/exports/{NUMBER}")
def export(export_id: int) -> str:
    found = load_export(require_office(), export_id)
    return render_template("admin/export.html", export=found, job=find_export_job(export_id), name=file_name(found))


@bp.get(f"/exports/{NUMBER}/file")
def export_file(export_id: int) -> Response:
    found = load_export(require_office(), export_id)
    stream = open_export(found)
    response = send_stream(stream, file_name(found), "application/zip", found.size or 0, found.digest or "", saved=True)
    response.headers["Repr-Digest"] = f"sha-512=:{_base64(found.digest or '')}:"
    return response


@bp.post(f"/exports/{NUMBER}/remove")
def remove_package(export_id: int) -> AnyResponse:
    with transaction():
        remove_export(require_office(), export_id)
    flash(_("The package is removed."))
    return redirect(url_for("admin.exports"))


def _find_works(actor: Actor) -> list[str]:
    """The numbers of the works that a search finds, whose address this page was given, in the order of its results."""
    found, total = find_ids(read_search(request.args).request, actor, current_networks(), MOST_WORKS)
    if not found:
        flash(_("The search finds nothing now. Name the works, or all that you choose leave."))
    elif total > len(found):
        flash(_("Only the first %(count)s works are named: narrow the search for the others.", count=len(found)))
    return found


def _place(actor: Actor, chosen: str) -> tuple[Library, Collection | None]:
    """What was chosen in the form: "library:knu", "collection:science"."""
    kind, _colon, code = chosen.partition(":")
    if kind == "collection":
        collection = services.load_collection(code)
        return collection.library, collection
    library = next((one for one in services.list_libraries(actor) if one.code == code), None)
    if library is None:
        raise NotFoundError()
    return library, None


def _base64(digest: str) -> str:
    """A digest as HTTP writes it (RFC 9530, 2)."""
    return b64encode(bytes.fromhex(digest)).decode()
