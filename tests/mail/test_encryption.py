"""A password leaves this machine only on an encrypted line to a server that proves its name."""

import smtplib
import ssl
import subprocess
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from repo.mail import delivery
from repo.mail.delivery import MailRefusedError, deliver_to_server
from tests.services.ports import free_port

USER, PASSWORD = "office", "p@ss:word"
SIGNED_IN = "office:p%40ss%3Aword"


class Inbox:
    """Remembers of each message whether STARTTLS came before it, and a password."""

    def __init__(self) -> None:
        self.seen: list[tuple[bool, bool]] = []

    async def handle_DATA(self, _server: SMTP, session: Session, _envelope: Envelope) -> str:
        self.seen.append((session.ssl is not None, bool(session.authenticated)))
        return "250 OK"


def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Certificate and key of 127.0.0.1, signed by itself."""
    file = tmp_path / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file), "-out", str(tmp_path / "public.pem")]
    subprocess.run(command, check=True, capture_output=True)
    file.write_text(file.read_text() + (tmp_path / "public.pem").read_text())
    return file


@pytest.fixture
def start(certificate: Path) -> Iterator[Callable[..., tuple[Inbox, str]]]:
    """`start()` starts a server and returns what it receives and its host and port."""
    running: list[Controller] = []

    def start_server(*, starttls: bool = False, implicit: bool = False) -> tuple[Inbox, str]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        inbox = Inbox()
        controller = Controller(
            inbox,
            hostname="127.0.0.1",
            port=free_port(),
            authenticator=authenticate,
            auth_require_tls=False,
            tls_context=context if starttls else None,
            ssl_context=context if implicit else None,
        )
        controller.start()
        running.append(controller)
        return inbox, f"127.0.0.1:{controller.port}"

    yield start_server
    for controller in running:
        controller.stop()


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server counts as another machine, though tests stay on this one."""
    monkeypatch.setattr(delivery, "is_local", lambda host: False)


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("public.pem")))


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "office@example.kg", "aida@example.kg", "Манас"
    message.set_content("Манас\n", cte="base64")
    return message


def test_local() -> None:
    assert [delivery.is_local(host) for host in ("127.0.0.1", "::1", "localhost", "mail.example.kg")] == [1, 1, 1, 0]


def test_starttls_is_used_where_it_is_offered(start: Callable[..., Any], far_away: None, trusted: None) -> None:
    inbox, server = start(starttls=True)
    deliver_to_server(f"smtp://{SIGNED_IN}@{server}", letter())
    assert inbox.seen == [(True, True)]


def test_smtps(start: Callable[..., Any], far_away: None, trusted: None) -> None:
    inbox, server = start(implicit=True)
    deliver_to_server(f"smtps://{SIGNED_IN}@{server}", letter())
    assert inbox.seen == [(False, True)], "signed in; no STARTTLS on a line that is encrypted from its first byte"


@pytest.mark.parametrize(("scheme", "how"), [("smtp", "starttls"), ("smtps", "implicit")])
def test_a_server_that_does_not_prove_its_name_gets_nothing(
    start: Callable[..., Any], far_away: None, scheme: str, how: str
) -> None:
    inbox, server = start(**{how: True})
    with pytest.raises(ssl.SSLCertVerificationError):
        deliver_to_server(f"{scheme}://{SIGNED_IN}@{server}", letter())
    assert inbox.seen == []


def test_no_password_on_an_open_line(start: Callable[..., Any], far_away: None) -> None:
    inbox, server = start()
    with pytest.raises(MailRefusedError):
        deliver_to_server(f"smtp://{SIGNED_IN}@{server}", letter())
    assert inbox.seen == []
    deliver_to_server(f"smtp://{server}", letter())
    assert inbox.seen == [(False, False)]


def test_a_wrong_password_is_tried_again(start: Callable[..., Any]) -> None:
    """The office mends the setting meanwhile; nothing is lost."""
    _, server = start()
    with pytest.raises(smtplib.SMTPAuthenticationError):
        deliver_to_server(f"smtp://office:wrong@{server}", letter())
