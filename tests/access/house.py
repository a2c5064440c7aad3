"""A house with a work in every state, each holding words that only some may read: what the walk of all routes needs.

Who walks is named by one letter: o signed out, i signed out in the library's network, s a stranger with an account,
a the author, r a reviewer of the collection, l a librarian of the library, f a librarian of another library,
d a digitizer and m a member of the library, A the administrator.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

from ingest.export_requests import Wish, request_export
from ingest.models import (
    BatchState,
    HarvestRecord,
    HarvestSource,
    HarvestStatus,
    LoadBatch,
    LoadProfile,
    LoadRow,
    RowStatus,
)
from ingest.services import PREVIEW, THUMBNAIL
from oai.resourcesync.dump import make_packages
from repo.db import db, now, transaction
from repo.items.access import SYSTEM, Access, FileRole
from repo.items.metadata import Agent, Metadata, Number, PersonName, Text
from repo.items.models import Address, File, Item, Version
from repo.items.registry import preserve_registry
from repo.items.services.drafts import announce_upload
from repo.items.services.expunging import expunge_item
from repo.items.services.lifecycle import start_version, withdraw_item
from repo.items.services.submission import return_version
from repo.members.models import Collection, Library, Person, RoleName
from repo.storage import derivatives, uploads
from repo.storage.texts import write_text
from repo.vocabularies.numbers import normalise_number
from tests import factories
from tests.factories import actor_for

EVERYONE = "oisarlfdmA"
SIGNED_IN = "sarlfdmA"
STAFF = "rlA"
OWN = "arlA"
KNU = "lA"
OSH = "fA"
NOBODY = ""

NETWORK, INSIDE = "192.0.2.0/24", "192.0.2.7"
UPLOAD = "0123456789abcdef0123456789abcdef"
SHARED = b"%PDF-1.4 the same bytes in several works"


@dataclass(frozen=True)
class Secret:
    """A word, and who is shown it somewhere."""

    word: str
    who: str


@dataclass(frozen=True)
class Asked:
    """A word that stands in a text or description, and who finds it by searching."""

    word: str
    who: str


@dataclass
class KnownFile:
    """A file of a version: who may read its bytes."""

    target: str
    number: int
    name: str
    id: int
    public: bool
    who: str


@dataclass
class House:
    """`items` by name; people by letter. The rows are read while it is built, and not asked for later."""

    libraries: dict[str, Library] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    person_ids: dict[str, int] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    source_ids: dict[str, int] = field(default_factory=dict)
    """Repositories that are harvested, by their collections."""
    export_ids: dict[str, int] = field(default_factory=dict)
    """Packages of libraries, by one of their collections."""
    batch_ids: dict[str, int] = field(default_factory=dict)
    """Bulk loads, by their collections."""
    profile_ids: dict[str, int] = field(default_factory=dict)
    """Profiles of bulk loads, by their libraries."""
    files: list[KnownFile] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    words: list[Asked] = field(default_factory=list)

    @property
    def targets(self) -> Mapping[str, str]:
        return {item_id: name for name, item_id in self.items.items()}


def build_house() -> House:
    house = House()
    _open_libraries(house)
    _deposit(house)
    _publish(house)
    _take_back(house)
    _harvest(house)
    _load(house)
    _export(house)
    factories.run_jobs()
    make_packages(lambda: None)
    _note_files(house)
    db.session.expunge_all()
    return house


def _open_libraries(house: House) -> None:
    knu, osh = factories.make_library("knu", networks=[NETWORK]), factories.make_library("osh")
    science = factories.make_collection(knu, "science")
    house.libraries = {"knu": knu, "osh": osh}
    house.collections = {
        "science": science,
        "arts": factories.make_collection(knu, "arts"),
        "history": factories.make_collection(osh, "history"),
    }
    make = factories.make_person
    house.people = {
        "s": make("Чоочун"),
        "a": make("Автор"),
        "r": make("Рецензент", RoleName.REVIEWER, collection=science),
        "l": make("Китепканачы", RoleName.LIBRARIAN, knu),
        "f": make("Оштогу китепканачы", RoleName.LIBRARIAN, osh),
        "d": make("Санариптөөчү", RoleName.DIGITIZER, knu),
        "m": make("Окурман", RoleName.MEMBER, knu),
        "A": make("Администратор", RoleName.ADMINISTRATOR),
        "x": make("Оштогу автор"),
    }
    house.person_ids = {letter: person.id for letter, person in house.people.items()}
    house.emails = {letter: person.email for letter, person in house.people.items()}
    # No page tells an address to readers: the own account, and the office of the person's library.
    house.secrets += [Secret(house.emails["a"], "aA"), Secret(house.emails["d"], "dlA")]
    preserve_registry()


def _harvest(house: House) -> None:
    """Two sources: of what is harvested only the works are shown to readers."""
    for code, who in (("science", KNU), ("history", OSH)):
        word = f"zqsource{code}"
        with transaction() as session:
            place = session.get_one(Collection, house.collections[code].id)
            source = HarvestSource(
                collection=place, base_url=f"http://{word}.invalid/oai", name=word, enabled=False, set_spec=word
            )
            session.add(source)
            session.flush()
            record = HarvestRecord(source_id=source.id, identifier=f"{word}record", status=HarvestStatus.REFUSED)
            session.add(record)
            house.source_ids[code] = source.id
        house.secrets.append(Secret(word, who))


def _load(house: House) -> None:
    """Two bulk loads that were checked, and two profiles: nothing of them is shown to readers."""
    for code, library, who in (("science", "knu", "rldA"), ("history", "osh", OSH)):
        word, known = f"zqload{code}", f"zqprofile{code}"
        with transaction() as session:
            place = session.get_one(Collection, house.collections[code].id)
            batch = LoadBatch(
                collection=place,
                format="table",
                source=f"load:{library}:{word}",
                filename=f"{word}.csv",
                place=f"/nowhere/{word}",
                state=BatchState.CHECKED,
                counts={"refused": 1},
                total=1,
                checked_at=now(),
            )
            profile = LoadProfile(library_id=place.library_id, name=known, number=1)
            session.add_all([batch, profile])
            session.flush()
            session.add(LoadRow(batch_id=batch.id, number=1, key="1", title=word, status=RowStatus.REFUSED))
            house.batch_ids[code], house.profile_ids[library] = batch.id, profile.id
        house.secrets += [Secret(word, who), Secret(known, who)]


def _export(house: House) -> None:
    """A package of each library, with all that it has, for whoever looks after it."""
    for code, place in (("knu", "science"), ("osh", "history")):
        with transaction() as session:
            library = session.get_one(Library, house.libraries[code].id)
            house.export_ids[place] = request_export(SYSTEM, Wish(library, None, "bagit", True)).id


# ---------------------------------------------------------------- what is not public


def _deposit(house: House) -> None:
    draft = _draft(house, "draft", OWN)
    attach(house, "draft", draft, "a", OWN)
    _return(house, draft)
    _leave_half_an_upload(house, draft)
    submitted = _draft(house, "submitted", OWN)
    attach(house, "submitted", submitted, "a", OWN)
    attach(house, "submitted", submitted, "a", OWN, FileRole.AGREEMENT)
    attach(house, "submitted", submitted, "l", STAFF, FileRole.PRIVATE)
    factories.submit(house.people["a"], submitted)
    far_draft = _draft(house, "far_draft", OSH, author="x", collection="history")
    attach(house, "far_draft", far_draft, "x", OSH)
    far = _draft(house, "far_submitted", OSH, author="x", collection="history")
    attach(house, "far_submitted", far, "x", OSH)
    factories.submit(house.people["x"], far)


def _draft(house: House, name: str, who: str, *, author: str = "a", collection: str = "science") -> Version:
    version = factories.make_draft(house.people[author], house.collections[collection], hidden(house, name, who))
    house.items[name] = version.item_id
    return version


def hidden(house: House, name: str, who: str, *, asked: str = NOBODY, **more: object) -> Metadata:
    """A description of which every part says the same secret word, and one that is searched for."""
    word = f"zq{compact(name)}meta"
    house.secrets.append(Secret(word, who))
    house.words.append(Asked(f"qq{compact(name)}meta", asked))
    text = f"{word} qq{compact(name)}meta"
    return factories.make_metadata(
        text,
        creators=[Agent(names=[PersonName(family=text, given="Айгүл", lang="ky")])],
        abstracts=[Text(value=text, lang="ky")],
        keywords=[Text(value=text, lang="ky")],
        notes=[Text(value=text, lang="ky")],
        identifiers=[_doi(name)],
        languages=["de"] if name == "withdrawn" else ["ky"],
        type="map" if name == "withdrawn" else "article",
        issued="1907" if name == "withdrawn" else "2025",
        **more,
    )


def _doi(name: str) -> Number:
    return Number(scheme="doi", value=f"10.5072/{compact(name)}")


def compact(name: str) -> str:
    return name.replace("_", "")


def attach(
    house: House,
    target: str,
    version: Version,
    who: str,
    read: str,
    role: FileRole = FileRole.ORIGINAL,
    *,
    searched: str = NOBODY,
    access: Access | None = None,
    part: str = "",
) -> None:
    """Bring a file into a draft, with the pictures and the text that the pipeline would have made of it.

    Whoever is in `read` may read it, whoever is in `searched` finds it by its words once it is public.
    """
    key = f"{compact(target)}{part}{role.value if role is not FileRole.ORIGINAL else ''}"
    content = f"%PDF-1.4 zq{key}bytes".encode()
    name = f"zq{key}name.pdf"
    factories.attach_file(house.people[who], version, name, content, role=role, access=access)
    digest = hashlib.sha512(content).hexdigest()
    for recipe in (PREVIEW, THUMBNAIL):
        derivatives().put(digest, recipe, b"\xff\xd8\xff\xe0 " + f"zq{key}picture".encode())
    write_text(digest, [f"qq{key}text zq{key}text деген сөз"])
    house.secrets.append(Secret(f"zq{key}bytes", read))
    house.secrets.append(Secret(f"zq{key}text", searched))
    house.words.append(Asked(f"qq{key}text", searched))
    if role is not FileRole.ORIGINAL:
        # The page of a record does not list it, not even to who may read it; the package of the library has it.
        house.secrets.append(Secret(name, read if target == "submitted" else KNU))


def _leave_half_an_upload(house: House, version: Version) -> None:
    """A file of which the last bytes are still to come."""
    uploads().create(UPLOAD, 100)
    uploads().append(UPLOAD, 0, BytesIO(b"zquploadbytes"))
    with transaction() as session:
        announce_upload(
            actor_for(house.people["a"]), session.get_one(Version, version.id), UPLOAD, "zquploadname.pdf", 100
        )
    house.secrets += [Secret("zquploadname", OWN), Secret("zquploadbytes", NOBODY)]


def _return(house: House, version: Version) -> None:
    """What a reviewer writes is for the author, and for whoever works on the draft."""
    factories.submit(house.people["a"], version)
    with transaction() as session:
        return_version(actor_for(house.people["r"]), session.get_one(Version, version.id), "zqcomment")
    house.secrets.append(Secret("zqcomment", OWN))


# ---------------------------------------------------------------- what is public


def _publish(house: House) -> None:
    """`who` may read the file; `searched` is who finds it by its words: staff and author only if readers do too."""
    inside = "ildmA"
    publish(house, "open", EVERYONE, searched=EVERYONE, more_files=True)
    publish(house, "embargoed", OWN, access="embargoed", embargo_until="2099-01-01")
    publish(house, "restricted", "iarldmA", searched=inside, access="restricted")
    publish(house, "closed", OWN, access="closed")
    publish(house, "far_restricted", OSH, searched=OSH, author="x", collection="history", access="restricted")
    publish(house, "closing", OWN)
    with transaction() as session:
        newer = start_version(actor_for(house.people["a"]), session.get_one(Item, house.items["closing"]))
        newer.meta = {**newer.meta, "access": "closed"}
    _finish(house, newer)
    publish(house, "revised", EVERYONE, searched=EVERYONE)
    with transaction() as session:
        revision = start_version(actor_for(house.people["a"]), session.get_one(Item, house.items["revised"]))
        revision.meta = hidden(house, "revision", OWN).model_dump(mode="json")
    attach(house, "revised", revision, "a", OWN, part="next")


def publish(
    house: House,
    name: str,
    read: str,
    *,
    searched: str = NOBODY,
    author: str = "a",
    collection: str = "science",
    more_files: bool = False,
    metadata: Metadata | None = None,
    **fields: object,
) -> None:
    metadata = metadata or factories.make_metadata(f"Ачык жазуу {compact(name)}", **fields)
    version = factories.make_draft(house.people[author], house.collections[collection], metadata)
    house.items[name] = version.item_id
    attach(house, name, version, author, read, searched=searched)
    if more_files:
        attach(house, name, version, author, OWN, part="own", access=Access.CLOSED)
        attach(house, name, version, author, OWN, FileRole.AGREEMENT)
        attach(house, name, version, "l", STAFF, FileRole.PRIVATE)
    _finish(house, version, author)


def _finish(house: House, version: Version, author: str = "a") -> None:
    factories.submit(house.people[author], version)
    factories.accept(house.people["A"], version)
    factories.run_jobs()


def _take_back(house: House) -> None:
    """What was public and is no more, and a stranger's draft that looks like what is hidden from them."""
    publish(house, "withdrawn", STAFF, metadata=hidden(house, "withdrawn", OWN))
    publish(house, "expunged", NOBODY, metadata=hidden(house, "expunged", NOBODY))
    author, librarian = house.people["a"], house.people["l"]
    for name in ("draft", "far_draft"):
        version = db.session.query(Version).filter_by(item_id=house.items[name]).one()
        factories.attach_file(author if name == "draft" else house.people["x"], version, "same.pdf", SHARED)
    with transaction() as session:
        withdraw_item(actor_for(librarian), session.get_one(Item, house.items["withdrawn"]), "Ката табылды")
        expunge_item(SYSTEM, session.get_one(Item, house.items["expunged"]), "Соттун чечими")
        for name in ("open", "withdrawn", "expunged"):
            session.add(Address(path=f"handle/1/{name}", item_id=house.items[name]))
    numbers = [number for name in ("draft", "withdrawn", "expunged") if (number := _doi(name))]
    assert all(normalise_number(number.scheme, number.value) for number in numbers)
    like = factories.make_metadata("zqlikemeta", identifiers=numbers)
    house.secrets.append(Secret("zqlikemeta", "srlA"))
    version = factories.make_draft(house.people["s"], house.collections["science"], like)
    factories.attach_file(house.people["s"], version, "same.pdf", SHARED)
    house.items["like"] = version.item_id


def _note_files(house: House) -> None:
    """Every file that there is: who may read it follows from the secret in its bytes."""
    who = {secret.word: secret.who for secret in house.secrets}
    names = house.targets
    rows = db.session.query(File, Version).join(Version, File.version_id == Version.id).order_by(File.id).all()
    for file, version in rows:
        target = names[version.item_id]
        read = {"draft": OWN, "far_draft": OSH, "like": "srlA"}.get(target, "") if file.name == "same.pdf" else ""
        read = read or who[file.name.replace("name.pdf", "bytes")]
        public = version.published_at is not None
        house.files.append(KnownFile(target, version.number, file.name, file.id, public, read))
