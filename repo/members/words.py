"""How roles and states of libraries are called on pages and in mail."""

from flask_babel import lazy_gettext as _l

from repo.members.models import DepositPolicy, LibraryStatus, ReviewPolicy, RoleName

ROLES = {
    RoleName.ADMINISTRATOR: _l("Administrator"),
    RoleName.LIBRARIAN: _l("Librarian"),
    RoleName.DIGITIZER: _l("Digitizer"),
    RoleName.REVIEWER: _l("Reviewer"),
    RoleName.DEPOSITOR: _l("Depositor"),
    RoleName.MEMBER: _l("Reader of the library"),
}

DUTIES = {
    RoleName.ADMINISTRATOR: _l("does everything, in every library"),
    RoleName.LIBRARIAN: _l("looks after the collections, people and works of a library"),
    RoleName.DIGITIZER: _l("loads scanned books for a library"),
    RoleName.REVIEWER: _l("checks what is deposited and publishes it"),
    RoleName.DEPOSITOR: _l("deposits into collections that are open to invited authors only"),
    RoleName.MEMBER: _l("reads what is open to the library's readers, from anywhere"),
}

STATUSES = {
    LibraryStatus.ACTIVE: _l("Member library"),
    LibraryStatus.MERGED: _l("Merged"),
    LibraryStatus.CLOSED: _l("Membership ended"),
}

DEPOSIT_POLICIES = {
    DepositPolicy.ANYONE: _l("Everybody with an account"),
    DepositPolicy.MEMBERS: _l("People of the library"),
    DepositPolicy.INVITED: _l("Invited people only"),
}

REVIEW_POLICIES = {
    ReviewPolicy.REVIEW: _l("A reviewer looks at each work first"),
    ReviewPolicy.DIRECT: _l("Works are published at once"),
}
