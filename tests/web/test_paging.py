"""Pages by key: complete, in order, in both directions; a hostile cursor is the first page."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from repo.db import SortKey, UTCDateTime
from repo.settings import Settings
from repo.web.paging import Cursor, load_page, read_cursor, write_cursor

KINDS = (str, int, datetime)


class Base(DeclarativeBase):
    pass


class Leaf(Base):
    __tablename__ = "leaf"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(SortKey)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


@pytest.fixture
def session(empty_database_url: str) -> Iterator[Session]:
    engine = sa.create_engine(Settings(database_url=empty_database_url).database)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        # eleven leaves share three keys, so that the id has to decide
        moment = datetime(2026, 3, 2, tzinfo=UTC)
        session.add_all(Leaf(id=n, key="абв"[n % 3], at=moment.replace(day=2 + n % 3)) for n in range(11))
        session.flush()
        yield session
        session.rollback()
    Base.metadata.drop_all(engine)
    engine.dispose()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", ["key", "at"])
@pytest.mark.parametrize("size", [1, 3, 4, 11, 50])
def test_forwards_and_back_again(session: Session, column: str, size: int, descending: bool) -> None:
    order = [getattr(Leaf, column), Leaf.id]
    wanted = sorted(range(11), key=lambda n: (n % 3, n), reverse=descending)
    options: dict[str, Any] = {"size": size, "descending": descending}

    forwards: list[int] = []
    cursors = [""]
    while cursors[-1] or not forwards:
        page = load_page(session, sa.select(Leaf), order, cursors[-1], **options)
        forwards += [leaf.id for leaf in page.rows]
        assert bool(page.before) == bool(cursors[-1])
        cursors.append(page.after)
    assert forwards == wanted

    backwards, cursor = [leaf.id for leaf in page.rows], page.before
    while cursor:
        page = load_page(session, sa.select(Leaf), order, cursor, **options)
        backwards = [leaf.id for leaf in page.rows] + backwards
        assert page.after
        cursor = page.before
    assert backwards == wanted


def test_an_empty_list_has_no_pages(session: Session) -> None:
    page = load_page(session, sa.select(Leaf).where(Leaf.id > 99), [Leaf.id])

    assert (list(page.rows), page.before, page.after) == ([], "", "")


def test_rows_that_vanish_leave_a_way_back(session: Session) -> None:
    after = load_page(session, sa.select(Leaf), [Leaf.id], size=5).after
    session.execute(sa.delete(Leaf).where(Leaf.id > 4))

    page = load_page(session, sa.select(Leaf), [Leaf.id], after, size=5)

    assert (list(page.rows), page.after) == ([], "")


@given(
    st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), max_size=60),
    st.integers(-(2**62), 2**62),
    st.booleans(),
)
def test_a_cursor_survives_an_address(key: str, number: int, back: bool) -> None:
    cursor = Cursor((key, number, datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)), back)

    assert read_cursor(write_cursor(cursor), KINDS) == cursor


@given(st.text(max_size=200) | st.binary(max_size=80).map(lambda b: b.hex()))
def test_garbage_is_no_cursor(text: str) -> None:
    assert read_cursor(text, KINDS) is None


@pytest.mark.parametrize(
    "keys",
    [
        ("a", 1),
        ("a", 1, 1),
        ("a\x00", 1, "2026-03-02T00:00:00+00:00"),  # PostgreSQL refuses NUL
        ("a", 2**70, "2026-03-02T00:00:00+00:00"),
        ("a", True, "2026-03-02T00:00:00+00:00"),
        ("a", 1.5, "2026-03-02T00:00:00+00:00"),
        ("a", 1, "the day before yesterday"),
        (["a"], 1, "2026-03-02T00:00:00+00:00"),
    ],
)
def test_keys_that_a_database_would_choke_on(keys: tuple[object, ...]) -> None:
    assert read_cursor(write_cursor(Cursor(keys)), KINDS) is None  # type: ignore[arg-type]


def test_a_cursor_of_another_list_is_the_first_page(session: Session) -> None:
    cursor = write_cursor(Cursor(("б", 4)))

    assert [leaf.id for leaf in load_page(session, sa.select(Leaf), [Leaf.id], cursor, size=2).rows] == [0, 1]
