"""A library that leaves: works with everything that a work can have, and what becomes of their packages."""

from collections.abc import Sequence
from pathlib import Path

from ingest.export import Order, State, run_export
from ingest.export_reading import Selection
from repo.db import db, transaction
from repo.items.access import Access, FileRole
from repo.items.metadata import (
    Affiliation,
    Agent,
    Host,
    Metadata,
    Number,
    PersonName,
    RareBook,
    Relation,
    Subject,
    Text,
    Thesis,
)
from repo.items.models import Item
from repo.items.services.addresses import note_old_addresses
from repo.items.services.lifecycle import withdraw_item
from repo.members.models import Collection, RoleName
from tests.factories import (
    accept,
    actor_for,
    attach_file,
    make_collection,
    make_draft,
    make_library,
    make_metadata,
    make_person,
    run_jobs,
    submit,
)

PDF = b"%PDF-1.4\n" + b"0123456789" * 300
ODD_NAMES = ("=cmd|' .pdf", "100%.pdf", "contents", "a;b.pdf", "Dublin_Core.xml", "-rf.pdf", "китеп ө.pdf", "&<'>.pdf")


class Leaving:
    """A library with two collections; ids of its works by name."""

    def __init__(self) -> None:
        self.library = make_library("knu", isil="KG-0001")
        self.science = make_collection(self.library, "science")
        self.physics = make_collection(self.library, "physics", parent=self.science)
        self.physics_id = self.physics.id
        self.author = make_person("Автор")
        self.librarian = make_person("", RoleName.ADMINISTRATOR)
        self.ids: dict[str, str] = {}

    def publish(
        self,
        name: str,
        metadata: Metadata,
        files: Sequence[tuple[str, bytes]] = (("макала.pdf", PDF),),
        collection: Collection | None = None,
        private: Sequence[tuple[str, bytes]] = (),
        access: Access | None = None,
    ) -> str:
        version = make_draft(self.author, collection or self.physics, metadata)
        for file, content in files:
            attach_file(self.author, version, file, content, access=access)
        for file, content in private:
            attach_file(self.librarian, version, file, content, role=FileRole.PRIVATE)
        submit(self.author, version)
        accept(self.librarian, version)
        run_jobs()
        self.ids[name] = version.item_id
        return version.item_id


def build_library() -> Leaving:
    """An article, a thesis under embargo with a private file and one for members, an old book with odd names of files,
    one withdrawn work and one that is in another library."""
    leaving = Leaving()
    article = leaving.publish("article", make_metadata("Көл тоосу"))
    leaving.publish("thesis", thesis(), private=[("отзыв.pdf", b"%PDF-1.4 private")], access=Access.RESTRICTED)
    leaving.publish("book", book(), [(name, PDF + name.encode()) for name in ODD_NAMES], leaving.science)
    gone = leaving.publish("withdrawn", make_metadata("Жашыруун аталыш"))
    make_draft(leaving.author, leaving.physics, make_metadata("Долбоор"))
    other = make_collection(make_library("osh"), "arts")
    leaving.publish("elsewhere", make_metadata("Бөтөн"), collection=other)
    with transaction() as session:
        note_old_addresses(session, article, ["hdl:123456789/42", "https://old.kg/index.php?id=5"])
        withdraw_item(actor_for(leaving.librarian), session.get_one(Item, gone), "Ката\tтабылды", article)
    run_jobs()
    return leaving


def thesis() -> Metadata:
    return Metadata(
        type="candidate-thesis",
        languages=["ru"],
        titles=[Text(value="Гидрология: озеро", lang="ru"), Text(value="Lake hydrology", lang="en", kind="translated")],
        creators=[
            Agent(
                names=[PersonName(family="Асанов", given="Үсөн", lang="ru"), PersonName(family="Asanov", lang="en")],
                orcid="0000-0002-1825-0097",
                affiliations=[Affiliation(names=[Text(value="КНУ", lang="ru")])],
            )
        ],
        contributors=[
            Agent(
                names=[PersonName(family="Эсенов", given="А. Б.", lang="ru")],
                role="advisor",
                orcid="0000-0001-5109-3700",
                affiliations=[
                    Affiliation(names=[Text(value="КНУ", lang="ru")], ror="https://ror.org/04t2ss102"),
                    Affiliation(names=[Text(value="ИИАН", lang="ru")]),
                ],
            )
        ],
        abstracts=[Text(value="Первый абзац.\n\nВторой абзац; с точкой.", lang="ru")],
        keywords=[Text(value="озеро, большое", lang="ru")],
        subjects=[Subject(scheme="udc", value="556.55"), Subject(scheme="bbk", value="26.22")],
        issued="2024",
        thesis=Thesis(
            degree="candidate-phys-math",
            speciality="25.00.27",
            speciality_names=[Text(value="Гидрология суши", lang="ru")],
            institutions=[Text(value="КНУ", lang="ru")],
            defended="2024-05-17",
        ),
        access="embargoed",
        embargo_until="2099-01-01",
        licence="cc-by-4.0",
    )


def book() -> Metadata:
    return Metadata(
        type="rare-book",
        languages=["ky-Arab"],
        titles=[Text(value="=Манас", lang="ky")],
        creators=[Agent(names=[PersonName(family="Орозбаков", given="Сагымбай", lang="ky")])],
        issued="1926~",
        publishers=[Text(value="Мамлекеттик басма", lang="ky")],
        places=[Text(value="Фрунзе", lang="ky")],
        extent="245 б.",
        identifiers=[Number(scheme="isbn", value="9789967000001"), Number(scheme="local", value="И-5")],
        relations=[Relation(kind="IsTranslationOf", value="https://example.org/5", note="Эски басылышы")],
        host=Host(),
        licence="public-domain",
        rare=RareBook(script="Arab", provenance=[Text(value="Китепкана", lang="ky")], shelf_mark="С 12"),
        notes=[Text(value="@эскертүү", lang="ky")],
    )


def export_to(target: Path, name: str, with_files: bool = True, selection: Selection | None = None) -> State:
    state = run_export(Order(selection or Selection(library="knu"), name, with_files), target)
    db.session.rollback()
    assert state is not None
    return state


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
