"""The landing page of a record: rendered once for each language and each set of rights, then sent as it is.

Whoever is signed in gets the same body in a page of their own.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from flask import current_app, render_template, request, url_for
from sqlalchemy.orm import joinedload, selectinload

from ingest.services import PREVIEW
from oai.export import formats_of_item
from oai.formats import FORMATS
from repo.db import db
from repo.discovery.citations import STYLES, Cited
from repo.discovery.pagestore import PageStore, StoredPage
from repo.discovery.records import FileFacts, Record, variant_of
from repo.discovery.signposting import Link, OpenFile, landing_links, write_header
from repo.items.access import ANYBODY, Access, Action, Actor, Decision, is_staff, may
from repo.items.metadata import Metadata, names_of, read_metadata
from repo.items.models import File, Item, Version
from repo.items.origin import read_origin
from repo.items.presentation import present, stored_files
from repo.members.models import Collection
from repo.resources import resource_dir
from repo.settings import current_settings
from repo.statistics.services import usage_of_item
from repo.storage import derivatives
from repo.vocabularies import types
from repo.web.languages import current_language

Decisions = dict[int, tuple[FileFacts, Decision]]


def stored_landing(record: Record, decisions: Decisions, at: datetime) -> StoredPage:
    """The whole page as a reader without an account sees it, for these decisions, in the language of the request."""
    language = current_language()
    name = f"{record.number}-{language}-{variant_of(decisions)}"
    # Numbers of views and downloads are those of the day's first reader: they need not be newer.
    key = f"{record.stamp}-{at:%Y%m%d}-{_release()}"
    pages = PageStore(current_settings().derivatives / "pages")
    found = pages.get(record.item_id, name, key)
    if found is not None:
        return found
    # Rendered as for a stranger, in a context of its own: nothing of whoever asks first may be kept for others.
    with current_app.app_context(), current_app.test_request_context(request.path, query_string={"lang": language}):
        html = render_landing(record, decisions, at)
        return pages.put(record.item_id, name, key, html, write_header(signposts(record, at)))


def signposts(record: Record, at: datetime) -> list[Link]:
    """The typed links of a record's page. They are the same for every reader: of its files those that anybody may
    read, whatever the reader at hand may."""
    version = db.session.get_one(Version, record.version_id)
    formats = formats_of_item(db.session(), record.item_id)
    files = [
        OpenFile(file_url(record, file.name, external=True), file.mime)
        for file in record.files
        if may(ANYBODY, frozenset(), Action.READ, file.target, at).allowed
    ]
    metadata = read_metadata(version.meta)
    return landing_links(metadata, page_address(record), newest_address(record), formats, files)


def newest_address(record: Record) -> str:
    """The permanent address of the record's page."""
    return f"{current_settings().base_url}/records/{record.item_id}"


def page_address(record: Record) -> str:
    """The one address of the page of this version."""
    newest = newest_address(record)
    return newest if record.number == record.newest else f"{newest}/v{record.number}"


def personal_landing(page: StoredPage, record: Record, at: datetime, actor: Actor) -> str:
    """The same page with the parts of its frame that differ from reader to reader, and what staff may do."""
    html = page.plain.decode()
    parts = {name: render_template(f"frame/{name}.html") for name in ("menu", "rooms", "flashes")}
    if may(actor, frozenset(), Action.NEW_VERSION, record.target, at).allowed:
        gone = db.session.get(Item, record.item_id) if record.target.withdrawn else None
        staff = is_staff(actor, record.target)
        parts["tools"] = render_template("discovery/tools.html", record=record, staff=staff, gone=gone)
    for name, part in parts.items():
        before, _, rest = html.partition(f"<!--{name}-->")
        html = before + part + rest.partition(f"<!--/{name}-->")[2]
    return html


def render_landing(record: Record, decisions: Decisions, at: datetime, style: str = "gost") -> str:
    """Render the page of a record for whoever may read just these of its files."""
    version = db.session.get_one(
        Version,
        record.version_id,
        options=[
            selectinload(Version.files).joinedload(File.blob),
            joinedload(Version.item).joinedload(Item.collection).joinedload(Collection.library),
        ],
    )
    metadata = read_metadata(version.meta)
    lang = current_language()
    cited = Cited(metadata, newest_address(record))
    return render_template(
        "discovery/record.html",
        record=record,
        version=version,
        origin=read_origin(version.item.origin),
        view=present(metadata, stored_files(version), lang, at),
        decisions={id_: decision for id_, (_, decision) in decisions.items()},
        versions=_public_versions(record.item_id),
        citation_text=STYLES[style][1](cited),
        styles=[(label, f"?cite={code}#cite", code == style) for code, (label, _) in STYLES.items()],
        formats=formats_of_item(db.session(), record.item_id),
        usage=usage_of_item(record.item_id),
        highwire=list(_highwire(metadata, record, decisions)),
        schema_org=_schema_org(metadata, record, version),
        picture=any(decision.allowed and _has_picture(file) for file, decision in decisions.values()),
    )


def _has_picture(file: FileFacts) -> bool:
    return derivatives().get(file.digest, PREVIEW) is not None


def _public_versions(item_id: str) -> list[Version]:
    """The public versions, newest first, each by its newest revision."""
    query = sa.select(Version).where(Version.item_id == item_id, Version.latest).order_by(Version.number.desc())
    return list(db.session.scalars(query))


def _highwire(metadata: Metadata, record: Record, decisions: Decisions) -> Iterator[tuple[str, str]]:
    """(name, content) of the `citation_*` elements by which Google Scholar and others read a page."""
    yield "citation_title", metadata.title().value
    yield from (("citation_author", name) for name in names_of(metadata.creators))
    yield "citation_publication_date", metadata.issued.replace("-", "/") if metadata.year else ""
    yield "citation_journal_title", metadata.host.titles[0].value if metadata.host.titles else ""
    yield "citation_volume", metadata.host.volume
    yield "citation_issue", metadata.host.issue
    first, _, last = metadata.host.pages.replace("–", "-").partition("-")
    yield "citation_firstpage", first.strip()
    yield "citation_lastpage", last.strip()
    yield "citation_issn", metadata.host.issn
    yield from (("citation_doi", n.value) for n in metadata.identifiers if n.scheme == "doi")
    yield from (("citation_isbn", n.value) for n in metadata.identifiers if n.scheme == "isbn")
    if metadata.thesis.degree:
        institutions = metadata.thesis.institutions
        yield "citation_dissertation_institution", institutions[0].value if institutions else ""
    yield from (("citation_keywords", keyword.value) for keyword in metadata.keywords)
    yield from (("citation_language", language) for language in metadata.languages)
    for file, decision in decisions.values():
        if decision.allowed and file.mime == "application/pdf":
            yield "citation_pdf_url", file_url(record, file.name, external=True)
            break


def _schema_org(metadata: Metadata, record: Record, version: Version) -> str:
    """The page's statement in schema.org's words, as JSON-LD that is safe inside a script element."""
    known = types().get(metadata.type)
    said = {
        "@context": "https://schema.org",
        "@type": known.schema_org if known else "CreativeWork",
        "@id": newest_address(record),
        "name": metadata.title().value,
        "author": [{"@type": "Person", "name": agent.name().direct} for agent in metadata.creators],
        "datePublished": metadata.issued,
        "inLanguage": metadata.languages,
        "abstract": metadata.abstract().value,
        "keywords": [keyword.value for keyword in metadata.keywords],
        "version": record.number,
        "isAccessibleForFree": metadata.access is Access.OPEN and not record.target.withdrawn,
        "publisher": {"@type": "Organization", "name": version.item.collection.library.names.get("en") or ""},
    }
    text = json.dumps({key: value for key, value in said.items() if value}, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("&", "\\u0026")


def file_url(record: Record, name: str, *, external: bool = False) -> str:
    """The permanent address of a file of this version."""
    path = url_for("records.version_file", item_id=record.item_id, number=record.number, name=name)
    return current_settings().base_url + path if external else path


def is_plain_request() -> bool:
    """Whether the address holds nothing but, perhaps, a language: then a stored page answers it."""
    return not request.args or set(request.args) == {"lang"}


@cache
def _release() -> str:
    """A mark of all that a page is made from beside its record: templates, translations, static files, settings, and
    the formats that it offers."""
    digest = hashlib.sha256(repr((current_settings(), list(FORMATS))).encode())
    package = Path(current_app.root_path)
    for folder in (resource_dir("templates"), package / "static", package / "translations"):
        for path in sorted(folder.rglob("*.*")):
            digest.update(f"{path} {path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:16]
