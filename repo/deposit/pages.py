"""What the pages of the deposit are made from."""

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from ingest.messages import say_stored
from repo import vocabularies
from repo.db import now
from repo.deposit import services
from repo.deposit.duplicates import find_duplicates
from repo.deposit.fields import language_boxes, subject_line
from repo.deposit.files import list_files
from repo.deposit.forms import build_form
from repo.deposit.steps import Step, control_of, faults_of, step_of
from repo.items.access import Action, Actor, FileRole
from repo.items.checks import Fault
from repo.items.facts import upper_first
from repo.items.messages import MESSAGES, say_faults
from repo.items.metadata import read_metadata
from repo.items.models import Version
from repo.items.presentation import RecordView, ShownFile, present, stored_files
from repo.items.rights import decide, version_target
from repo.items.services.submission import AGREEMENT_VERSION, check_version
from repo.items.states import VersionState
from repo.members.models import Collection
from repo.web.languages import LANGUAGES, current_language

STEP_TITLES: Mapping[Step, LazyString] = {
    Step.FILES: _l("Files"),
    Step.DESCRIPTION: _l("Description"),
    Step.PEOPLE: _l("People"),
    Step.DETAILS: _l("Details"),
    Step.RIGHTS: _l("Rights"),
    Step.AGREEMENT: _l("Agreement"),
    Step.CHECK: _l("Check and submit"),
}


def new_choices(
    collections: Sequence[Collection], collection_id: str = "", kind: str = "", faults: Mapping[str, list[str]] = {}
) -> dict[str, Any]:
    """The first page: kinds of work that some collection takes, and the collections by library."""
    taken = {code for collection in collections for code in collection.types or vocabularies.types()}
    return {
        "collections": collections,
        "options": collection_options(collections),
        "types": type_options(taken),
        "collection_id": collection_id or (str(collections[0].id) if len(collections) == 1 else ""),
        "type": kind,
        "faults": faults,
        "missing": [(field, message) for field, messages in faults.items() for message in messages],
    }


def type_options(taken: Container[str] = ()) -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, [(code, kind of work with a hint), …]); only those `taken`, unless that is empty."""
    lang = current_language()
    groups: dict[str, list[tuple[str, str]]] = {}
    for term in vocabularies.types().values():
        if not taken or term.code in taken:
            hint = term.hints.get(lang)
            words = upper_first(term.label(lang)) + (f" ({hint})" if hint else "")
            groups.setdefault(term.group, []).append((term.code, words))
    return [(upper_first(vocabularies.label("type_groups", group, lang)), types) for group, types in groups.items()]


def collection_options(collections: Sequence[Collection]) -> list[tuple[str, list[tuple[int, str]]]]:
    """(library, [(id, collection), …]) for a list to choose from, in the order of `collections`."""
    lang = current_language()
    groups: dict[str, list[tuple[int, str]]] = {}
    for collection in collections:
        groups.setdefault(collection.library.name(lang), []).append((collection.id, collection.name(lang)))
    return list(groups.items())


def draft_page(version: Version, step: Step, faults: Sequence[Fault]) -> dict[str, Any]:
    """What every step shows: where one is, what is done, why it was returned, when it was saved."""
    steps = services.step_states(version, faults)
    return {
        "version": version,
        "item_id": version.item_id,
        "step": step,
        "title": STEP_TITLES[step],
        "stages": [
            (str(STEP_TITLES[s.step]), step_url(version.item_id, s.step), s.step is step, s.done) for s in steps
        ],
        "number": [s.step for s in steps].index(step) + 1,
        "comment": services.return_comments([version.id]).get(version.id, ""),
    }


def step_url(item_id: str, step: Step, **more: Any) -> str:
    """The address of a step of a draft."""
    if step in (Step.FILES, Step.AGREEMENT, Step.CHECK):
        return url_for(f"deposit.{step}", item_id=item_id, **more)
    return url_for("deposit.fields", item_id=item_id, name=step.value, **more)


def fields_page(actor: Actor, version: Version, step: Step, *, check: bool, more: str) -> dict[str, Any]:
    """A step with fields. `check`: it was left unfinished, so what is missing stands beside its field."""
    faults = check_version(version)
    lang = current_language()
    form = build_form(
        step,
        read_metadata(version.meta),
        guesses=services.guesses_for(version),
        faults=say_faults(faults_of(step, faults)) if check else {},
        more=more,
        lang=lang,
    )
    page = draft_page(version, step, faults) | {
        "form": form,
        "check": check,
        "more": more,
        "languages": [("", _l("Choose the language")), *offered("languages")],
        "offered": offered,
    }
    if step is Step.DESCRIPTION:
        page["duplicates"] = find_duplicates(actor, version)
        page["boxes"] = language_boxes(form.metadata)
        page["types"] = type_options(version.item.collection.types)
        page["collections"] = collections_for(actor, version)
    if step is Step.PEOPLE:
        page["creator_roles"] = [
            (code, words) for code, words in offered("roles") if vocabularies.roles()[code].creator
        ]
        page["other_roles"] = [(code, words) for code, words in offered("roles") if code != "author"]
    if step is Step.DETAILS:
        page["subject_lines"] = {scheme: subject_line(form.metadata, scheme) for scheme in ("udc", "bbk", "grnti")}
    if step is Step.RIGHTS:
        page["files"] = list_files(version)
        page["licence_choices"] = offered_licences()
        page["access_choices"] = offered_access()
    return page


def offered(vocabulary: str) -> list[tuple[str, str]]:
    """(code, label) of the terms of a vocabulary, for a list to choose from."""
    return [(code, upper_first(words)) for code, words in vocabularies.choices(vocabulary, current_language())]


def offered_licences() -> list[tuple[str, str, str]]:
    """(code, short name, explanation in plain words): the full names differ in their last word only."""
    lang = current_language()
    found = vocabularies.licences().values()
    return [(term.code, term.short or term.label(lang), term.explanations.get(lang, "")) for term in found]


def offered_access() -> list[tuple[str, str, str]]:
    lang = current_language()
    found = vocabularies.access_rights().values()
    return [(term.code, upper_first(term.label(lang)), term.explanations.get(lang, "")) for term in found]


def collections_for(actor: Actor, version: Version) -> list[tuple[str, list[tuple[int, str]]]]:
    """The collections into which a draft may be moved; none for one that is public already."""
    if version.item.current_id is not None:
        return []
    return collection_options(services.open_collections(actor))


def files_page(version: Version, *, check: bool) -> dict[str, Any]:
    faults = check_version(version)
    said = say_faults(faults_of(Step.FILES, faults)) if check else {}
    return draft_page(version, Step.FILES, faults) | {
        "files": list_files(version),
        "say_flag": say_flag,
        "faults": [("files", message) for messages in said.values() for message in messages],
    }


def say_flag(stored: dict[str, Any]) -> str:
    """What the pipeline has to say about a file, as a sentence."""
    return say_stored([stored])[0]


def agreement_page(actor: Actor, version: Version, *, check: bool) -> dict[str, Any]:
    faults = check_version(version)
    said = say_faults(faults_of(Step.AGREEMENT, faults)) if check else {}
    return draft_page(version, Step.AGREEMENT, faults) | {
        "faults": [("accept", message) for messages in said.values() for message in messages],
        "for_others": decide(actor, Action.REVIEW, version_target(version)).allowed,
        "contracts": list_files(version, FileRole.AGREEMENT),
        "agreement_version": AGREEMENT_VERSION,
        "accepted_at": datetime.fromisoformat(version.agreement["at"]) if version.agreement else None,
        "accepted_in": LANGUAGES.get((version.agreement or {}).get("language", ""), ""),
    }


def check_page(actor: Actor, version: Version) -> dict[str, Any]:
    """The last step: everything that is missing, what is here already, and the page as readers will see it."""
    faults = check_version(version)
    return draft_page(version, Step.CHECK, faults) | {
        "faults": [
            (step_url(version.item_id, step_of(f.field), check=1, _anchor=control_of(f.field)), str(MESSAGES[f.code]))
            for f in faults
        ],
        "duplicates": find_duplicates(actor, version),
        "view": preview(version),
        "file_url": draft_file_url(version.item_id),
        "may_submit": version.state is VersionState.DRAFT,
    }


def draft_file_url(item_id: str) -> Callable[[ShownFile], str]:
    """A function that gives the address of a file in a preview."""
    return lambda file: url_for("deposit_files.file", item_id=item_id, file_id=file.id)


def preview(version: Version) -> RecordView:
    """The record as its landing page will show it."""
    return present(read_metadata(version.meta), stored_files(version), current_language(), now())
