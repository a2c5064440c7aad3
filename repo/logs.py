"""Log lines on stderr that people and programs read alike:

2026-03-02T09:30:00Z WARNING repo.jobs.reconcile job 12 (publish 7) was left by … process=812

Who keeps them and for how long is the affair of what started Muras (systemd, a container).
"""

import logging
import sys
import time

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s process=%(process)d"


class LineFormatter(logging.Formatter):
    """One line an entry, in UTC; the lines of a traceback follow, indented."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%SZ"
    default_msec_format = None

    def format(self, record: logging.LogRecord) -> str:
        # Text of strangers (a path, a header) must not look like a line of its own.
        return super().format(record).replace("\r", "\\r").replace("\n", "\n    ")


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send all logging of this process, and of those forked from it, to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(FORMAT))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in ("_granian", "alembic", "huey"):  # what they do is told by our own lines
        logging.getLogger(name).setLevel(logging.WARNING)
