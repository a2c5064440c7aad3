"""The office.

/admin/  /admin/health                         how the house is doing: views/health.py
/admin/people …                                people and their roles: views/people.py
/admin/libraries …                             libraries: views/libraries.py
/admin/collections …                           collections: views/collections.py
/admin/sources …                               repositories that are harvested: views/sources.py
/admin/exports …                               packages with which works leave: views/exports.py
/admin/jobs  /admin/mail                       work and letters that failed: views/work.py
"""

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState
from flask_babel import lazy_gettext as _l

from ingest import export_messages, harvest_messages
from repo.admin import words
from repo.admin.rights import is_administrator, is_office, require_office
from repo.members.words import DEPOSIT_POLICIES, ROLES, STATUSES
from repo.web.doors import Door, register_door

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.record_once
def open_doors(state: BlueprintSetupState) -> None:
    app = state.app
    assert isinstance(app, Flask)
    register_door(app, Door("health", "admin.health", _l("Health"), "rooms", 60, is_administrator))
    register_door(app, Door("people", "admin.people", _l("People"), "rooms", 40, is_office))
    register_door(app, Door("office_libraries", "admin.libraries", _l("Libraries"), "rooms", 50, is_office))
    register_door(app, Door("sources", "admin.sources", _l("Harvests"), "rooms", 55, is_office))
    register_door(app, Door("exports", "admin.exports", _l("Exports"), "rooms", 57, is_office))
    register_door(app, Door("jobs", "admin.jobs", _l("Jobs"), "rooms", 70, is_administrator))
    register_door(app, Door("mail", "admin.mail", _l("Mail"), "rooms", 80, is_administrator))


@bp.before_request
def staff_only() -> None:
    require_office()


@bp.context_processor
def vocabulary() -> dict[str, object]:
    return {
        "verbs": words.VERBS,
        "job_kinds": words.JOB_KINDS,
        "job_states": words.JOB_STATES,
        "job_looks": words.JOB_LOOKS,
        "role_names": ROLES,
        "statuses": STATUSES,
        "deposit_policies": DEPOSIT_POLICIES,
        "export_states": export_messages.STATES,
        "export_looks": export_messages.STATE_LOOKS,
        "export_formats": export_messages.FORMATS,
        "export_troubles": export_messages.TROUBLES,
        "harvest_states": harvest_messages.STATES,
        "harvest_looks": harvest_messages.STATE_LOOKS,
        "harvest_statuses": harvest_messages.STATUSES,
        "say_trouble": harvest_messages.say_trouble,
        "say_report": harvest_messages.say_report,
    }


# The views register themselves with the blueprint.
from repo.admin.views import collections, exports, health, libraries, people, sources, work  # noqa: E402,F401
