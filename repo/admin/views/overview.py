"""/admin/    how the house is doing                        GET"""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from repo.admin.health import find_disks, look_around
from repo.admin.rights import is_administrator
from repo.admin.views import bp
from repo.db import now


@bp.get("/")
def overview() -> str | AnyResponse:
    """Librarians begin with their libraries: the machine is not theirs to look after."""
    if not is_administrator():
        return redirect(url_for("admin.libraries"))
    parts = look_around()
    needs = [part for look in ("stop", "warn") for part in parts if part.look == look]
    return render_template("admin/overview.html", parts=parts, needs=needs, disks=find_disks(), at=now())
