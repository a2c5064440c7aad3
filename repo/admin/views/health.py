"""/admin/          where whoever enters begins             GET
/admin/health    how the house is doing                  GET
"""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from repo.admin.health import find_disks, look_around
from repo.admin.rights import is_administrator, require_administrator
from repo.admin.views import bp
from repo.db import now


@bp.get("/")
def entrance() -> AnyResponse:
    """Librarians begin with their libraries: the machine is not theirs to look after."""
    return redirect(url_for("admin.health" if is_administrator() else "admin.libraries"))


@bp.get("/health")
def health() -> str:
    require_administrator()
    parts = look_around()
    needs = [part for look in ("stop", "warn") for part in parts if part.look == look]
    return render_template("admin/health.html", parts=parts, needs=needs, disks=find_disks(), at=now())
