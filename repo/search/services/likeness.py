"""Works like another: those that share most of its subjects, people and words of its title."""

from collections.abc import Iterator

from repo.items.metadata import Metadata, read_metadata
from repo.items.models import Item
from repo.search.analysis import analyse, exact, fold, is_function_word
from repo.search.document import Area
from repo.search.parser import MAX_WORDS
from repo.search.query import Code, Leaf, Query, Term, Words

MOST_TITLE_WORDS, MOST_NAMES, MOST_SUBJECTS = 12, 4, 12


def likeness(item: Item) -> Query:
    """The query that finds what is like a published item, and not the item itself."""
    if item.current is None:
        return Query(void=True)
    leaves = list(_leaves(read_metadata(item.current.meta)))[:MAX_WORDS]
    groups = tuple((Term(leaf),) for leaf in leaves)
    return Query(((Term(Code("id", item.id), negated=True),), *groups), void=not groups, least=1)


def _leaves(metadata: Metadata) -> Iterator[Leaf]:
    for subject in metadata.keywords[:MOST_SUBJECTS]:
        if tokens := tuple(analyse(subject.value, subject.lang)):
            yield Words(subject.value, tokens, Area.SUBJECT, quoted=tokens[-1].position > 0)
    for agent in metadata.creators[:MOST_NAMES]:
        if tokens := tuple(analyse(agent.names[0].family)) if agent.names else ():
            yield Words(agent.names[0].family, tokens, Area.AUTHOR, quoted=tokens[-1].position > 0)
    title = metadata.title()
    for word in dict.fromkeys(exact(title.value).split()[:MOST_TITLE_WORDS]):
        if not is_function_word(fold(word)):
            yield Words(word, tuple(analyse(word, title.lang)))
