"""Jobs of statistics: count the logs every minute, forget the visitors' hashes every hour."""

from datetime import timedelta

from repo.jobs.registry import RunningJob, every
from repo.statistics.services import count_logs, forget_sessions


@every(timedelta(minutes=1), "count usage")
def count_usage(job: RunningJob) -> None:
    count_logs()


@every(timedelta(hours=1), "forget visitors")
def forget_visitors(job: RunningJob) -> None:
    forget_sessions()
