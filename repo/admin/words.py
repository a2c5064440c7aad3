"""How the history and the jobs are told on the screens of the office."""

from flask_babel import lazy_gettext as _l

from repo.jobs.models import JobState

VERBS = {
    "signed up": _l("Registered"),
    "invited": _l("Invited"),
    "created": _l("Account made"),
    "confirmed": _l("Address confirmed"),
    "confirmation sent": _l("Link sent again"),
    "password reset": _l("New password set by mail"),
    "password changed": _l("Password changed"),
    "sessions ended": _l("Sessions ended"),
    "profile changed": _l("Description changed"),
    "disabled": _l("Account closed"),
    "enabled": _l("Account opened again"),
    "role granted": _l("Role given"),
    "role revoked": _l("Role taken away"),
    "library created": _l("Library made"),
    "library changed": _l("Description changed"),
    "library merged": _l("Merged into another library"),
    "library took over": _l("Took over another library"),
    "library closed": _l("Library closed"),
    "library reopened": _l("Library opened again"),
    "collection created": _l("Collection made"),
    "collection changed": _l("Description changed"),
    "collection moved": _l("Collection moved"),
    "collection closed": _l("Collection closed"),
    "collection reopened": _l("Collection opened again"),
    "source added": _l("Source added"),
    "source changed": _l("Source changed"),
    "source paused": _l("Harvests paused"),
    "source resumed": _l("Harvests go on"),
    "source removed": _l("Source removed"),
}

JOB_KINDS = {
    "check index": _l("Compare the search index"),
    "clean up": _l("Remove what a crash left"),
    "count usage": _l("Count views and downloads"),
    "derive": _l("Make texts and pictures again"),
    "discard abandoned uploads": _l("Remove abandoned uploads"),
    "discard exports": _l("Remove old packages of exports"),
    "discard packages": _l("Remove packages with files that were closed"),
    "dump open files": _l("Pack open files for mirrors"),
    "export": _l("Make a package of works"),
    "expunge": _l("Remove files for good"),
    "forget changes of files": _l("Remove old changes of files"),
    "forget jobs": _l("Remove old jobs"),
    "forget sign-ups": _l("Remove accounts that were not confirmed"),
    "forget source": _l("Forget a source"),
    "forget visitors": _l("Remove addresses of visitors"),
    "harvest": _l("Harvest a repository"),
    "index": _l("Update the search index"),
    "ingest": _l("Read a file"),
    "list open files": _l("List open files"),
    "mail": _l("Send a letter"),
    "open embargoes": _l("End embargoes"),
    "open files": _l("List files whose embargo has ended"),
    "plan harvests": _l("See which harvests are due"),
    "preserve": _l("Preserve a work"),
    "publish": _l("Publish a work"),
    "registry": _l("Preserve libraries and collections"),
    "relocate": _l("Move works with their collection"),
    "render records": _l("Render records for harvesters again"),
    "sum open files": _l("Compute checksums of open files"),
}

JOB_STATES = {
    JobState.QUEUED: _l("Waiting in the queue"),
    JobState.RUNNING: _l("In progress"),
    JobState.DONE: _l("Done"),
    JobState.FAILED: _l("Not completed"),
    JobState.CANCELLED: _l("Cancelled"),
}

JOB_LOOKS = {
    JobState.QUEUED: ("wait", "clock"),
    JobState.RUNNING: ("wait", "again"),
    JobState.DONE: ("good", "check"),
    JobState.FAILED: ("stop", "halt"),
    JobState.CANCELLED: ("wait", "cross"),
}
