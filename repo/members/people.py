"""How people are written down and found again."""

import sqlalchemy as sa

from repo.db import db
from repo.members.models import Person, PersonWord
from repo.web.collation import sort_key
from repo.web.folding import fold_text

LAST = "\U0010ffff"
"""Comes after every character, so that a word and all that begin with it are one range of an index."""


def find_person(email: str) -> Person | None:
    return db.session.scalar(sa.select(Person).where(Person.email == email))


def new_person(*, email: str, name: str, language: str) -> Person:
    person = Person(email=email, language=language)
    rename(person, name)
    db.session.add(person)
    db.session.flush()
    return person


def rename(person: Person, name: str) -> None:
    """Set the name, its place in lists and the words by which it is found."""
    person.name, person.sort_name = name, sort_key(name)
    wanted = set(fold_text(f"{name} {person.email}").split())
    person.words = [word for word in person.words if word.word in wanted]
    person.words += [PersonWord(word=word) for word in sorted(wanted - {word.word for word in person.words})]


def found_by(text: str) -> sa.ColumnElement[bool]:
    """The filter of people who have, for each word of `text`, a word in name or address that begins with it."""
    clauses = [
        Person.id.in_(sa.select(PersonWord.person_id).where(PersonWord.word >= word, PersonWord.word < word + LAST))
        for word in fold_text(text).split()
    ]
    return sa.and_(sa.true(), *clauses)
