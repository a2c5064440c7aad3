"""The office is entered by the people of tests/members."""

from tests.members.conftest import letters, make_collection, make_library, make_person

__all__ = ["letters", "make_collection", "make_library", "make_person"]
