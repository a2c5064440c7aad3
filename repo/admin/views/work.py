"""/admin/jobs?state=&page=        jobs, those that failed first        GET
/admin/jobs/<id>                 what happened                        GET
/admin/jobs/<id>/retry           try again                            POST
/admin/jobs/<id>/cancel          do not do it                         POST
/admin/mail?page=                letters that were not delivered      GET
"""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from repo.admin.health import count_failed
from repo.admin.rights import require_administrator
from repo.admin.views import bp
from repo.db import db, transaction
from repo.errors import NotFoundError
from repo.jobs.models import Job, JobState
from repo.jobs.services import cancel_job, list_jobs, retry_job


@bp.get("/jobs")
def jobs() -> str:
    require_administrator()
    state = _read_state()
    return render_template(
        "admin/jobs.html",
        page=list_jobs(state, cursor=request.args.get("page", "")),
        chosen=state,
        failed=count_failed(mail=False),
    )


@bp.get("/jobs/<int(max=2147483647):job_id>")
def job(job_id: int) -> str:
    require_administrator()
    found = db.session.get(Job, job_id)
    if found is None:
        raise NotFoundError
    return render_template("admin/job.html", job=found)


@bp.post("/jobs/<int(max=2147483647):job_id>/retry")
def retry(job_id: int) -> AnyResponse:
    require_administrator()
    with transaction():
        waiting = retry_job(job_id)
    flash(_("It will be tried again at once."))
    return redirect(url_for("admin.mail" if waiting.kind == "mail" else "admin.jobs"))


@bp.post("/jobs/<int(max=2147483647):job_id>/cancel")
def cancel(job_id: int) -> AnyResponse:
    require_administrator()
    with transaction():
        cancelled = cancel_job(job_id)
    flash(_("Cancelled"))
    return redirect(url_for("admin.mail" if cancelled.kind == "mail" else "admin.jobs"))


@bp.get("/mail")
def mail() -> str:
    """Addresses and subjects only: what stands in a letter, a link to an account perhaps, is for its reader."""
    require_administrator()
    state = _read_state()
    return render_template("admin/mail.html", page=list_jobs(state, "mail", request.args.get("page", "")), chosen=state)


def _read_state() -> JobState | None:
    """The state asked for; failed ones if none is, every one for "all"."""
    wanted = request.args.get("state", JobState.FAILED.value)
    return JobState(wanted) if wanted in list(JobState) else None
