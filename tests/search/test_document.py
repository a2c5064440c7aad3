"""What goes into the index, and what does not."""

from hypothesis import given
from hypothesis import strategies as st

from repo.search.analysis import clean
from repo.search.document import SEGMENT_BYTES, LangText, SourceText, split_segments
from repo.search.fields import indexed_item
from tests.search.material import document, full_text, text_for, texts


@given(st.text(max_size=3000) | st.text(alphabet="аө. ", min_size=3000, max_size=9000))
def test_segments_are_small_and_lose_no_word(text: str) -> None:
    pieces = list(split_segments(text))
    assert all(0 < len(piece.encode()) <= SEGMENT_BYTES for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(clean(text).split())


def test_segments_end_with_a_sentence_or_a_word() -> None:
    sentence = "Көлдүн жээгинде бийик тоолор турат. "
    pieces = list(split_segments(sentence * 400))
    assert len(pieces) > 3
    assert all(piece.endswith("турат.") for piece in pieces)
    assert all(piece.endswith("сөз") for piece in split_segments("сөз " * 3000))


def test_a_text_that_nobody_may_read_is_not_in_the_document() -> None:
    closed = document("a", "Ачык аталыш", texts=[SourceText("купуя сөз", "ky", frozenset(), "file.pdf")])
    assert "купуя" not in repr(indexed_item(closed))
    assert closed.text_open == closed.text_restricted == ()


def test_restricted_words_stand_only_under_their_class() -> None:
    item = indexed_item(document("a", "Ачык аталыш", texts=text_for(["knu"], "купуя сөз")))
    assert item.fields["text"] == []
    assert item.fields["restricted"] == ["library:knu|купуя library:knu|соз", "everything|купуя everything|соз"]
    assert [passage["audience"] for passage in item.passages] == [["everything", "library:knu"]]


def test_values_are_clean_and_single() -> None:
    made = document(
        "a",
        "Көл\x00",
        creators=(LangText(" Айтматов,  Ч. "), LangText("Айтматов, Ч."), LangText("")),
        subjects=texts("Тарых", "Тарых"),
        collections=("rare", "rare", ""),
        codes=(("isbn", "0-306-40615-2"), ("isbn", "9780306406157")),
    )
    assert made.titles == (LangText("Көл", "ky"),)
    assert made.creators == (LangText("Айтматов, Ч."),)
    assert made.collections == ("rare",)
    assert made.codes == ("isbn:9780306406157",)
    assert indexed_item(made).fields["facet_subject"] == ["Тарых"]


def test_places_come_with_their_segments() -> None:
    made = document("a", "Китеп", texts=[*full_text("бир", place="p1"), *full_text("эки", place="p2")])
    assert [(segment.text, segment.place) for segment in made.text_open] == [("бир", "p1"), ("эки", "p2")]
