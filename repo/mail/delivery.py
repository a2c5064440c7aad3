"""Two ways for a message to leave: into a folder, or to a server that sends it on."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import SplitResult, unquote, urlsplit

from repo.errors import MurasError

TIMEOUT = 30  # seconds for each word of the conversation


class MailRefusedError(MurasError):
    """The server will not take this message, now or later (SMTP 5xx)."""


def deliver_to_folder(folder: Path, name: str, message: EmailMessage) -> None:
    """Write `<folder>/<name>.eml`, whole or not at all; a second time it is the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=".", delete=False) as draft:
        path = Path(draft.name)
        try:
            draft.write(message.as_bytes())
            path.replace(folder / f"{name}.eml")
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def deliver_to_server(url: str, message: EmailMessage) -> None:
    """Hand a message to the server `smtp[s]://[user:password@]host[:port]`.

    Raises MailRefusedError, or OSError and SMTPException when it may succeed later. When this process dies
    between the server's "250" and the job's end, the message goes out a second time with the same Message-ID:
    SMTP has no way to ask whether it arrived (RFC 1047).
    """
    server = open_server(url)
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        answers = list(error.recipients.values())
        said = "; ".join(f"{code} {text.decode(errors='replace')}" for code, text in answers)
        if all(code >= 500 for code, _ in answers):
            raise MailRefusedError(said) from error
        raise smtplib.SMTPException(said) from error
    except smtplib.SMTPResponseException as error:
        if error.smtp_code >= 500:
            raise MailRefusedError(str(error)) from error
        raise
    finally:
        # The message is taken or refused by now: a quarrel about the good-bye must not send it twice.
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


def open_server(url: str) -> smtplib.SMTP:
    """Connect to the server, encrypted and signed in as `url` says. Raises MailRefusedError, OSError, SMTPException."""
    address = urlsplit(url)
    server = _connect(address)
    try:
        _sign_in(server, address)
    except BaseException:
        server.close()
        raise
    return server


def _connect(address: SplitResult) -> smtplib.SMTP:
    host = address.hostname or "127.0.0.1"
    if address.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, address.port or 465, timeout=TIMEOUT, context=context)
    return smtplib.SMTP(host, address.port or 25, timeout=TIMEOUT)


def _sign_in(server: smtplib.SMTP, address: SplitResult) -> None:
    """Encrypt where the server can, and say who we are where the setting does."""
    server.ehlo_or_helo_if_needed()
    encrypted = isinstance(server, smtplib.SMTP_SSL)
    local = is_local(address.hostname or "")
    if not encrypted and not local and server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
        encrypted = True
    if address.username is not None:
        if not (encrypted or local):
            raise MailRefusedError("the server does not encrypt, and MURAS_MAIL_URL holds a password")
        server.login(unquote(address.username), unquote(address.password or ""))


def is_local(host: str) -> bool:
    """Whether what is said to `host` stays on this machine."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"
