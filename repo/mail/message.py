"""From a mail job to the message on the wire (RFC 5322, MIME), without a way in for a header of somebody else's."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import urlsplit

from repo.settings import Settings


def compose_message(settings: Settings, key: str, letter: dict[str, Any], *, encoding: str) -> EmailMessage:
    """Make the message of the job `key`: the same one, with the same Message-ID, however often it is made.

    `letter` is the payload that `services.send_mail` wrote; `encoding` of the text is "base64" for any server or
    "8bit" for people who read the file. Raises ValueError for an address that cannot be one.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=letter["sender"], addr_spec=to_ascii(settings.admin_email))
    message["To"] = Address(addr_spec=to_ascii(letter["to"]))
    message["Subject"] = letter["subject"]
    message["Date"] = datetime.fromisoformat(letter["date"])
    message["Message-ID"] = f"<{key}@{urlsplit(settings.base_url).hostname}>"
    # RFC 3834, 5: no answering machine answers, and no list takes it for a person's letter.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter["text"], cte=encoding)
    message["Content-Language"] = letter["language"]  # not earlier: set_content removes it
    return message


def to_ascii(address: str) -> str:
    """Write the domain of an address as every server knows it (IDNA)."""
    person, at, domain = address.rpartition("@")
    return f"{person}{at}{domain.encode('idna').decode()}"
