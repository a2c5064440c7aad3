"""The job `mail`: one message on its way."""

from datetime import timedelta

from repo.jobs.registry import RunningJob, job
from repo.mail.delivery import MailRefusedError, deliver_to_folder, deliver_to_server
from repo.mail.message import compose_message
from repo.settings import current_settings


# Servers are away for an hour or a night; somebody waits at the screen for most messages, so they go first.
@job("mail", attempts=8, backoff=timedelta(minutes=1), final=(MailRefusedError, ValueError), priority=10)
def mail(job: RunningJob) -> None:
    settings = current_settings()
    if settings.mail_url.startswith("folder:"):
        deliver_to_folder(settings.mail_dir, job.key, compose_message(settings, job.key, job.payload, encoding="8bit"))
    else:
        deliver_to_server(settings.mail_url, compose_message(settings, job.key, job.payload, encoding="base64"))
