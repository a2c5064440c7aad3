"""Everything that changes people, libraries and collections. Functions flush; the edge commits.

`accounts` from signing up to a disabled account, `roles` who may do what, `libraries` and `collections` the tree.
"""

from repo.members.services.roles import actor_of as actor_of
