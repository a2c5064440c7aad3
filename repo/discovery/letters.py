"""Letters that readers write to the house and to the libraries."""

import sqlalchemy as sa

from repo.db import db
from repo.items.models import Item
from repo.mail.services import send_mail
from repo.members.models import Person, Role, RoleName
from repo.settings import current_settings


def send_letter(name: str, email: str, text: str) -> None:
    """Send a reader's letter to the administrator."""
    send_mail(current_settings().admin_email, "ru", "letter", name=name, email=email, text=text)


def send_report(item: Item, name: str, email: str, text: str) -> None:
    """Send what a reader reports about an item to the librarians of its library; without any, to the administrator."""
    address = f"{current_settings().base_url}/records/{item.id}"
    query = sa.select(Person).join(Role).where(Role.name == RoleName.LIBRARIAN, Role.library_id == item.library_id)
    librarians = db.session.scalars(query.where(Person.disabled_at.is_(None)).distinct()).all()
    recipients = [(person.email, person.language) for person in librarians]
    for recipient, language in recipients or [(current_settings().admin_email, "ru")]:
        send_mail(
            recipient, language, "report", name=name, email=email, text=text, title=item.title or "", record=address
        )
