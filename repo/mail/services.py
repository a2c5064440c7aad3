"""Mail that leaves after the commit: written now, in the recipient's language, and sent by a job."""

from typing import Any
from uuid import uuid4

from flask import render_template

from repo.db import now
from repo.errors import MurasError
from repo.jobs.models import Job
from repo.jobs.services import enqueue_job
from repo.settings import current_settings
from repo.web import site_name
from repo.web.languages import with_language


class MessageError(MurasError):
    """A template of mail that has no subject or no text."""


def send_mail(address: str, language: str, template: str, **context: Any) -> Job:
    """Write the message `templates/email/<template>.txt` to `address` and let it go with the open transaction.

    Its first line is the subject. The template sees `context`, `site` (the name) and `base_url`. A message that
    cannot be delivered is a failed job, which the office sees and can send again.
    """
    with with_language(language):
        site = site_name()
        written = render_template(f"email/{template}.txt", site=site, base_url=current_settings().base_url, **context)
    subject, _, text = written.strip().partition("\n")
    if not subject.strip() or not text.strip():
        raise MessageError(template)
    message = {
        "to": address,
        "sender": site,
        "subject": " ".join(subject.split()),
        "text": text.strip() + "\n",
        "language": language,
        "date": now().isoformat(),
    }
    return enqueue_job("mail", f"{template}-{uuid4().hex}", message)
