"""Who enters the office: administrators everywhere, librarians where they look after a library."""

from repo.errors import NotSignedInError
from repo.items.access import Action, Actor, Target
from repo.items.rights import decide, require
from repo.items.states import VersionState
from repo.members.current import current_actor, current_person
from repo.members.models import Collection, Library

HOUSE = Target(library_id=0, state=VersionState.PUBLISHED)


def is_administrator() -> bool:
    return decide(current_actor(), Action.ADMINISTER, HOUSE).allowed


def is_office() -> bool:
    return bool(current_actor().librarian_of) or is_administrator()


def require_administrator() -> Actor:
    """Return who asks. Raises NotSignedInError or ForbiddenError."""
    require(current_actor(), Action.ADMINISTER, HOUSE)
    return current_actor()


def require_office() -> Actor:
    """Return who asks, an administrator or a librarian of any library. Raises NotSignedInError or ForbiddenError."""
    if current_person() is None:
        raise NotSignedInError
    if not current_actor().librarian_of:
        require(current_actor(), Action.ADMINISTER, HOUSE)
    return current_actor()


def require_library(place: Library | Collection) -> Actor:
    """Return who asks, if they look after the library (of the collection). Libraries are no secret: 403, not 404."""
    library_id = place.library_id if isinstance(place, Collection) else place.id
    require(current_actor(), Action.MANAGE, Target(library_id=library_id, state=VersionState.PUBLISHED))
    return current_actor()
