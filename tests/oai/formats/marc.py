"""Reading what the MARC formats write, for tests."""

from lxml import etree


def fields_of(record: etree._Element, tag: str) -> list[str]:
    """The fields of a tag as catalogues print them: `10 $aTitle$bRest`, control fields as they are."""
    return [
        f"{field.get('ind1')}{field.get('ind2')} " + "".join(f"${part.get('code')}{part.text}" for part in field)
        if len(field)
        else field.text or ""
        for field in record
        if field.get("tag") == tag
    ]


def tags_of(record: etree._Element) -> list[str]:
    return [field.get("tag", "") for field in record if field.get("tag")]


def text_of(record: etree._Element) -> str:
    return etree.tostring(record, encoding="unicode")
