"""Every route is walked as everybody: who may is answered, who may not is refused, and no secret word is shown.

What each may is written down in tests/access/tables.py; what each must not see stands in the works, files and uploads
of tests/access/house.py. A route that is new and in no table fails.
"""

import gzip
import hashlib
import html
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from repo.app import create_app
from repo.db import Base, db
from repo.items.services.submission import AGREEMENT_VERSION
from repo.jobs.models import Job
from repo.members.models import Role
from repo.settings import Settings, current_settings
from repo.web.folding import fold_text
from tests import factories
from tests.access import tables
from tests.access.house import EVERYONE, INSIDE, UPLOAD, House, build_house
from tests.conftest import DATABASES, VisitorClient, close_engines
from tests.services.databases import TestDatabases

REFUSALS = {401, 403, 404, 410}
TUS = {"Tus-Resumable": "1.0.0"}

# What may be asked of drafts and reviews is asked of these; the rest of what is public is like "open".
WORKED_ON = {*tables.MENDED, "open", "closing", "withdrawn", "expunged"}

Values = dict[str, object]


# ---------------------------------------------------------------- one house for the whole walk


@pytest.fixture(scope="module", params=DATABASES)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    kind = "postgres" if request.param == "postgresql" else request.param
    databases: TestDatabases = request.getfixturevalue(f"{kind}_databases")
    with databases.migrated() as url:
        settings = Settings(
            data_dir=tmp_path_factory.mktemp("house"),
            base_url="http://muras.example.org",
            secret_key="not a secret: the walkers' own signing key",
            database_url=url,
            testing=True,
        )
        app = create_app(settings)
        app.test_client_class = VisitorClient
        yield app
        close_engines(app)


@pytest.fixture(scope="module")
def house(app: Flask) -> House:
    with app.app_context():
        return build_house()


@dataclass
class Walker:
    """Somebody on the way through the house; `shown` are the secret words met so far, with the place of the first."""

    letter: str
    client: VisitorClient
    token: str = ""
    shown: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **more: object) -> TestResponse:
        headers = {"Accept-Encoding": "gzip", **more.pop("headers", {})}  # type: ignore[dict-item]
        return self.client.open(path, method=method, headers=headers, **more)

    def look(self, path: str, house: House, **more: object) -> int:
        """Open a page, read all of it, and return the status. What stands in the address is no news."""
        answer = self.ask("GET", path, **more)
        told = everything_in(answer)
        for secret in house.secrets:
            if secret.word in told and secret.word not in unquote(path):
                self.shown.setdefault(secret.word, path)
        return answer.status_code


@pytest.fixture(scope="module")
def walkers(app: Flask, house: House) -> dict[str, Walker]:
    found = {letter: walker_of(app, house, letter) for letter in EVERYONE}
    assert set(found) == set(EVERYONE)
    return found


def walker_of(app: Flask, house: House, letter: str) -> Walker:
    client = app.test_client()
    assert isinstance(client, VisitorClient)
    if letter == "i":
        client.environ_base["REMOTE_ADDR"] = INSIDE
    if letter in house.emails:
        factories.sign_in(client, house.emails[letter])
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/contact").text)
    assert token
    return Walker(letter, client, token[1])


def everything_in(answer: TestResponse) -> str:
    """All that an answer tells: headers and body, unpacked and in every spelling."""
    body = gzip.decompress(answer.data) if answer.content_encoding == "gzip" else answer.data
    text = body.decode("utf-8", "replace")
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return "\n".join((head, unquote(head), text, html.unescape(text), unquote(text)))


# ---------------------------------------------------------------- where one can go


class Routes:
    """The addresses of a route, for all that its parts can be."""

    def __init__(self, app: Flask, house: House) -> None:
        self._app, self._house = app, house
        with app.app_context():
            self._jobs = list(db.session.scalars(db.select(Job.id).order_by(Job.id).limit(3)))
            self._roles = list(db.session.execute(db.select(Role.id, Role.person_id).order_by(Role.id)).all())

    def rules(self, *methods: str) -> list[Rule]:
        rules = [rule for rule in self._app.url_map.iter_rules() if rule.methods and rule.methods & set(methods)]
        return sorted(rules, key=lambda rule: (rule.endpoint, rule.rule))

    def addresses(self, rule: Rule) -> Iterator[tuple[str, Values]]:
        for values in self.values(rule):
            with self._app.test_request_context():
                built = self._app.url_map.bind("muras.example.org").build(rule.endpoint, values, force_external=False)
            yield built.split("?")[0], values

    def values(self, rule: Rule) -> Iterator[Values]:
        names = sorted(rule.arguments)
        if rule.endpoint in ("records.version_file", "records.newest_file"):
            files = {(f.target, f.number if "number" in names else 0, f.name) for f in self._house.files}
            for target, number, name in sorted(files):
                values: Values = {"item_id": self._house.items[target], "name": name, "number": number}
                yield {part: values[part] for part in names}
            return
        if {"person_id", "role_id"} <= set(names):
            yield from ({"role_id": role_id, "person_id": person_id} for role_id, person_id in self._roles)
            (first, _), (_, last) = self._roles[0], self._roles[-1]
            yield {"role_id": first, "person_id": last}
            return
        if "file_id" in names:
            # The own files of each work, and one of another: a way in past the rights of that one?
            for item_id in self._choices(rule.endpoint, "item_id"):
                target = self._house.targets[str(item_id)]
                own = [file.id for file in self._house.files if file.target == target]
                far = "submitted" if target == "like" else "like"
                other = next(file.id for file in self._house.files if file.target == far)
                yield from ({"item_id": item_id, "file_id": file_id} for file_id in {*own, other})
            return
        for chosen in itertools.product(*(self._choices(rule.endpoint, name) for name in names)):
            yield dict(zip(names, chosen, strict=True))

    def _choices(self, endpoint: str, name: str) -> Sequence[object]:
        match name, endpoint.split(".")[0]:
            case "item_id", "records" | "house":
                return list(self._house.items.values())
            case "item_id", _:
                return [self._house.items[target] for target in sorted(WORKED_ON)]
            case "number", _:
                return [1, 2]
            case "upload_id", _:
                return [UPLOAD, "f" * 32]
            case "person_id", _:
                return list(self._house.person_ids.values())
            case "role_id", _:
                return [role_id for role_id, _ in self._roles]
            case "batch_id", _:
                return list(self._house.batch_ids.values())
            case "profile_id", _:
                return list(self._house.profile_ids.values())
            case "ending", _:
                return ["csv", "xlsx"]
            case "source_id", _:
                return list(self._house.source_ids.values())
            case "export_id", _:
                return list(self._house.export_ids.values())
            case "job_id", _:
                return self._jobs
            case "token", _:
                return ["nobody.was.sent.this"]
            case "filename", _:
                return ["muras.css"]
        return CHOICES[endpoint if name != "code" else place_of(endpoint)][name]

    def role_is_of(self, role_id: object, person_id: object) -> bool:
        return (role_id, person_id) in self._roles


CHOICES: Mapping[str, Mapping[str, Sequence[object]]] = {
    "library": {"code": ["knu", "osh"]},
    "collection": {"code": ["science", "arts", "history"]},
    "type": {"code": ["article", "map"]},
    "records.export": {"name": ["bibtex", "ris"]},
    "search.take_along": {"name": ["csv", "ris", "bibtex"]},
    "deposit.fields": {"name": ["description", "people", "details", "rights"]},
    "deposit.save_fields": {"name": ["description", "people", "details", "rights"]},
    "deposit.start": {"name": ["version", "correction"]},
    "browse.headings": {"kind": ["authors", "subjects"]},
    "browse.heading": {
        "kind": ["authors", "subjects"],
        "fold": [
            *("токтосунова жаркынай", "шырдак"),
            *(fold_text(f"zq{name}meta qq{name}meta") for name in ("withdrawn", "expunged", "draft")),
            *(fold_text(f"zq{name}meta qq{name}meta, Айгүл") for name in ("withdrawn", "expunged", "draft")),
        ],
    },
    "browse.by_language": {"tag": ["ky", "de"]},
    "browse.by_year": {"year": [2026, 2025, 1907]},
    "feeds.sitemap": {"year": [2026, 2027], "month": list(range(1, 13))},
    "resourcesync.resource_page": {"page": [1]},
    "resourcesync.change_page": {"page": [1]},
    "resourcesync.dump_package": {"package": [1]},
}


def place_of(endpoint: str) -> str:
    """What a code in an address is the code of."""
    if endpoint == "browse.by_type":
        return "type"
    libraries = ("library", "libraries", "close", "reopen", "merge", "collections", "new_collection")
    return "library" if endpoint.split(".")[1] in libraries else "collection"


SEARCHES = ["", "шырдак", "type:map", "year:1907", "zq*", "qq*", "10.5072/withdrawn"]


def more_addresses(house: House) -> list[str]:
    """What stands behind question marks."""
    record = "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:muras.example.org:"
    return [
        *(f"/search?q={quote(words)}" for words in SEARCHES),
        *("/search?q=&type=map", "/search?q=&from=1900&to=1910", "/search?q=&language=de", "/search?q=&access=closed"),
        "/search?q=&subject=" + quote("zqwithdrawnmeta qqwithdrawnmeta"),
        *(f"/search?q={asked.word}&lang=en" for asked in house.words),
        *("/browse/titles?letter=Z", "/browse/authors?letter=Z", "/browse/subjects?letter=Z"),
        *("/oai?verb=ListRecords&metadataPrefix=oai_dc", "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc"),
        *("/oai?verb=ListSets", "/oai?verb=Identify"),
        *(record + item_id for item_id in house.items.values()),
        *(f"/handle/1/{name}" for name in ("open", "withdrawn", "expunged")),
        *(f"/records/{house.items[target]}?{more}" for target in WORKED_ON for more in ("cite=apa", "lang=en")),
        *("/admin/people?q=автор", "/admin/jobs?state=all", "/admin/mail?state=all", "/deposit/new?lang=ru"),
    ]


# ---------------------------------------------------------------- what the tables say


class Expected:
    """Who may, by the tables. Raises LookupError for a route that is in none."""

    def __init__(self, app: Flask, house: House, routes: Routes) -> None:
        self._house, self._routes = house, routes
        self._letters = {person_id: letter for letter, person_id in house.person_ids.items()}

    def to_look(self, endpoint: str, values: Values) -> str:
        if endpoint in tables.PAGES:
            return tables.PAGES[endpoint]
        if endpoint in tables.ABOUT:
            return self._about(tables.ABOUT[endpoint], endpoint, values)
        if endpoint in tables.FILES:
            return self._readers(endpoint, values)
        if endpoint in tables.DRAFT_FILES:
            return self._readers_of_draft(endpoint, values)
        if endpoint == "deposit_files.tus_upload":
            return self._about(tables.POSTS[endpoint], endpoint, values) if values["upload_id"] == UPLOAD else ""
        raise LookupError(f"{endpoint} is in no table of tests/access/tables.py: say who may look at it")

    def to_change(self, endpoint: str, values: Values) -> str:
        if endpoint in tables.FORMS:
            return tables.FORMS[endpoint]
        if endpoint not in tables.POSTS:
            raise LookupError(f"{endpoint} is in no table of tests/access/tables.py: say who may use it")
        if values.get("upload_id", UPLOAD) != UPLOAD:
            return ""
        if endpoint == "admin.revoke" and not self._routes.role_is_of(values["role_id"], values["person_id"]):
            return ""
        return self._about(tables.POSTS[endpoint], endpoint, values)

    def _about(self, table: tables.Table, endpoint: str, values: Values) -> str:
        number = values.get("number", 1)
        if "item_id" in values:
            name = self._house.targets[str(values["item_id"])]
            return table.get(name, "") if number == 1 or name == "closing" else ""
        if "batch_id" in values:
            code = next(code for code, number in self._house.batch_ids.items() if number == values["batch_id"])
            return table.get(code, "")
        if "profile_id" in values:
            code = next(code for code, number in self._house.profile_ids.items() if number == values["profile_id"])
            return table.get(code, "")
        if "source_id" in values:
            code = next(code for code, number in self._house.source_ids.items() if number == values["source_id"])
            return table.get(code, "")
        if "export_id" in values:
            code = next(code for code, number in self._house.export_ids.items() if number == values["export_id"])
            return table.get(code, "")
        if "person_id" in values:
            return table.get(self._letters[int(str(values["person_id"]))], "")
        if endpoint == "browse.heading" and (values["kind"] == "authors") != (" " in str(values["fold"])):
            return ""
        return table.get(str(values.get("code") or values.get("tag") or values.get("fold")), "")

    def _readers(self, endpoint: str, values: Values) -> str:
        """Of a public file; of a picture, that of the first file that may be read."""
        target = self._house.targets[str(values["item_id"])]
        if target not in tables.SEEN:
            return ""
        number = values.get("number", 2 if target == "closing" else 1)
        files = [f for f in self._house.files if (f.target, f.number) == (target, number) and f.public]
        if endpoint == "records.preview":
            return "".join(letter for letter in EVERYONE if any(letter in file.who for file in files))
        who = next((file.who for file in files if file.name == values["name"]), "")
        if endpoint == "records.newest_file" and who and not re.search(r"(agreement|private)name", str(values["name"])):
            return tables.SEEN[target]  # tells where the file is; that there is one the record says too
        return who if endpoint == "records.version_file" else ""

    def _readers_of_draft(self, endpoint: str, values: Values) -> str:
        target = self._house.targets[str(values["item_id"])]
        door = tables.REVIEWED if endpoint == "review.file" else tables.OVERVIEW
        file = next((f for f in self._house.files if (f.target, f.id) == (target, values["file_id"])), None)
        if file is None or file.public or target not in door:
            return ""
        if endpoint == "deposit_files.picture" and file.name == "same.pdf":
            return ""  # there is none
        return "".join(letter for letter in door[target] if letter in file.who)


@pytest.fixture(scope="module")
def routes(app: Flask, house: House) -> Routes:
    return Routes(app, house)


@pytest.fixture(scope="module")
def expected(app: Flask, house: House, routes: Routes) -> Expected:
    return Expected(app, house, routes)


# ---------------------------------------------------------------- the walk


def test_everybody_sees_what_they_may_and_nothing_else(
    house: House, routes: Routes, expected: Expected, walkers: dict[str, Walker]
) -> None:
    wrong: list[str] = []
    for rule in routes.rules("GET"):
        for path, values in routes.addresses(rule):
            who = expected.to_look(rule.endpoint, values)
            for letter, walker in walkers.items():
                # Some of those who are refused read no pages: a problem document (RFC 9457) shall tell no more.
                refused_program = letter not in who and letter in "idm"
                status = walker.look(path, house, headers={"Accept": "application/json"} if refused_program else {})
                if not (status < 400 if letter in who else status in REFUSALS or is_conflict(rule, letter, status)):
                    wrong.append(f"{rule.endpoint} {path} for {letter}: {status}, but it is for {who!r}")
    for path in more_addresses(house):
        for walker in walkers.values():
            assert walker.look(path, house) < 500, path
    assert not wrong, "\n".join(wrong)
    leaks, unseen = compare(house, walkers)
    assert not leaks, "\n".join(leaks)
    assert not unseen, "\n".join(unseen)


def is_conflict(rule: Rule, letter: str, status: int) -> bool:
    """An author is told that what was submitted cannot be changed now."""
    return status == 409 and rule.endpoint.startswith("deposit.") and letter == "a"


def test_lists_lead_to_nothing_that_was_taken_back(house: House, walkers: dict[str, Walker]) -> None:
    """The withdrawn map of 1907 in German was the only one."""
    for walker in walkers.values():
        page = gzip.decompress(walker.ask("GET", "/browse/").data).decode()
        assert "/browse/years/2026" in page and "/browse/types/article" in page and "/browse/languages/ky" in page
        assert not re.search("/browse/(years/1907|types/map|languages/de)", page)


def compare(house: House, walkers: dict[str, Walker]) -> tuple[list[str], list[str]]:
    """Words that were shown to whom they should not, and words that were to be seen and were not."""
    leaks, unseen = [], []
    for secret in house.secrets:
        for letter, walker in walkers.items():
            if secret.word in walker.shown and letter not in secret.who:
                leaks.append(f"{letter} saw {secret.word} at {walker.shown[secret.word]}")
            if secret.word not in walker.shown and letter in secret.who:
                unseen.append(f"{letter} never saw {secret.word}")
    return leaks, unseen


def test_a_search_for_what_one_may_not_read_is_like_one_for_nothing(house: House, walkers: dict[str, Walker]) -> None:
    """Neither numbers, facets nor fragments tell that a word stands somewhere."""
    for asked in house.words:
        for letter, walker in walkers.items():
            nothing = "жоксөз"
            page, empty = (results_for(walker, word) for word in (asked.word, nothing))
            alike = page.replace(asked.word, nothing) == empty
            assert alike == (letter not in asked.who), f"{letter} asks for {asked.word}"


def results_for(walker: Walker, word: str) -> str:
    """The page of results, without what differs from one request to the next."""
    page = unquote(html.unescape(gzip.decompress(walker.ask("GET", f"/search?q={quote(word)}").data).decode()))
    return re.sub(r'name="csrf_token"[^>]*>', "", page)


def test_everybody_finds_the_same_works_that_are_public(house: House, walkers: dict[str, Walker]) -> None:
    public = {house.items[target] for target in tables.PUBLIC}
    for letter, walker in walkers.items():
        for query in ("", "&access=open", "&type=map", "&from=1907&to=1907", "&language=de"):
            page = gzip.decompress(walker.ask("GET", f"/search?q={query}").data).decode()
            found = {item_id for item_id in house.items.values() if f"/records/{item_id}" in page}
            narrow = query in ("&type=map", "&from=1907&to=1907", "&language=de")
            assert found <= public and not (narrow and found), (letter, query)
            assert query or found == public, letter


# ---------------------------------------------------------------- what changes something


def test_nobody_changes_what_they_may_not(
    app: Flask, house: House, routes: Routes, expected: Expected, walkers: dict[str, Walker]
) -> None:
    before = everything_kept(app)
    wrong: list[str] = []
    for rule, method in changing(routes):
        for path, values in routes.addresses(rule):
            who = expected.to_change(rule.endpoint, values)
            for letter, walker in walkers.items():
                if letter not in who:
                    status = send(walker, method, rule.endpoint, path, walker.token)
                    if status not in REFUSALS and not is_conflict(rule, letter, status):
                        wrong.append(f"{method} {path} ({rule.endpoint}) by {letter}: {status}, it is for {who!r}")
    assert not wrong, "\n".join(wrong)
    assert everything_kept(app) == before


def test_nothing_is_taken_from_a_page_of_another_site(
    app: Flask, routes: Routes, expected: Expected, walkers: dict[str, Walker]
) -> None:
    """Without its token no form is taken, from nobody; and no piece of a file, when the browser names another site."""
    before = everything_kept(app)
    wrong: list[str] = []
    for rule, method in changing(routes):
        for path, values in routes.addresses(rule):
            for letter in expected.to_change(rule.endpoint, values):
                status = send(walkers[letter], method, rule.endpoint, path, token="")
                if status != tables.WITHOUT_TOKEN.get(rule.endpoint, 400):
                    wrong.append(f"{method} {path} ({rule.endpoint}) by {letter} without a token: {status}")
    assert not wrong, "\n".join(wrong)
    assert everything_kept(app) == before


def changing(routes: Routes) -> Iterator[tuple[Rule, str]]:
    for rule in routes.rules("POST", "PUT", "PATCH", "DELETE"):
        for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"} if rule.methods else ()):
            yield rule, method


def send(walker: Walker, method: str, endpoint: str, path: str, token: str) -> int:
    """Send what the route takes. Without `token`: as a page of another site would make the reader's browser do it."""
    if endpoint.startswith(("deposit_files.tus", "batch_files.tus")):
        site = "same-origin" if token else "cross-site"
        headers = TUS | {"Sec-Fetch-Site": site, "Upload-Length": "4", "Upload-Offset": "13"}
        kind = "application/offset+octet-stream"
        return walker.ask(method, path, headers=headers, data=b"more", content_type=kind).status_code
    data: dict[str, object] = {"csrf_token": token, **FORMS.get(endpoint, {})}
    if endpoint in ("deposit_files.add_files", "batch_files.add_file"):
        data["file"] = (BytesIO(b"%PDF-1.4"), "a.pdf")
    if endpoint == "oai.provider":
        data = {"verb": "Identify"}
    return walker.ask(method, path, data=data).status_code


SOURCE = {"base_url": "http://127.0.0.1:9/oai", "collection": "history", "format": "oai_dc", "hours": "24"}

FORMS: Mapping[str, Mapping[str, object]] = {
    "review.submission": {"decision": "accept"},
    "review.withdraw": {"reason": "Ката"},
    "admin.merge": {"target": "osh"},
    "admin.move": {"parent": "library:osh"},
    "admin.disable": {"reason": "Ката"},
    "admin.person": {"role": "member", "library": "osh"},
    "admin.invite": {"email": "new@example.org", "name": "Жаңы", "language": "ky", "role": "member", "library": "osh"},
    "admin.new_source": SOURCE,
    "admin.new_export": {"place": "library:osh", "format": "csv", "files": "y"},
    "admin.edit_source": SOURCE,
    "admin.remove": {"works": "go"},
    "deposit.save_fields": {"titles.0.value": "Башка аталыш", "edition": "1"},
    "deposit.save_files": {f"name.{number}": "башка.pdf" for number in range(1, 40)},
    "deposit.accept": {"accept": AGREEMENT_VERSION, "do": "next"},
    "deposit.new": {"collection": "1", "type": "article"},
    "batches.new": {"collection": "1", "format": "table"},
    "batches.profile": {"name": "Башка", "do": "save"},
}
"""What would be done if it were allowed."""


def everything_kept(app: Flask) -> dict[str, str]:
    """A digest of every table, and of the files that are on their way in; attempts to sign in are counted apart."""
    kept: dict[str, str] = {}
    with app.app_context():
        for table in Base.metadata.sorted_tables:
            if table.name != "attempt":
                rows = db.session.execute(table.select().order_by(*table.primary_key)).all()
                kept[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
        root = current_settings().uploads_dir
    files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return {**kept, "uploads": hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()}
