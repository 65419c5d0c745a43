"""Where the program's log is set up: the only place that makes a handler, and every handler redacts."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType

from app.domain.redaction import Redactor
from app.domain.trace import trace_of

APDU_LOGGER = "hardware.apdu"
APDU_VARIABLE = "YIKATONG_APDU_LOG"
OFF = logging.CRITICAL + 1
_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"

log = logging.getLogger(__name__)


class RedactionFilter(logging.Filter):
    """Rewrites each record's text, with its traces, before anything is written."""

    def __init__(self) -> None:
        super().__init__()
        self.redactor = Redactor()

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, cleaned; an exception's own message is left out, for it may repeat anything."""
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}\n{trace_of(record.exc_info[1])}"
        record.msg, record.args = self.redactor.clean(text), None
        record.exc_info = record.exc_text = None
        record.stack_info = None if record.stack_info is None else self.redactor.clean(record.stack_info)
        return True


def start_logs(environ: Mapping[str, str] = os.environ) -> None:
    """Log to stderr from WARNING on, redacted; what nobody catches is logged by type and place only.

    Nothing where somebody logs already. YIKATONG_APDU_LOG=1 adds what goes to and from cards: headers, lengths and
    status words, never their data.
    """
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler()
    handler.addFilter(RedactionFilter())
    handler.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(APDU_LOGGER).setLevel(logging.DEBUG if environ.get(APDU_VARIABLE) == "1" else OFF)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def keep_out_of_logs(names: Iterable[str | None]) -> None:
    """Have these names taken out of whatever is logged, until `forget_names`."""
    known = tuple(names)
    for found in _filters():
        found.redactor.know(known)


def forget_names() -> None:
    """Know no name any more, as when a member of staff leaves."""
    for found in _filters():
        found.redactor.forget()


def _filters() -> Iterator[RedactionFilter]:
    for handler in logging.getLogger().handlers:
        yield from (found for found in handler.filters if isinstance(found, RedactionFilter))


def _uncaught(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    if issubclass(kind, SystemExit):
        return
    log.critical("nobody caught %s", kind.__name__ if error is None else trace_of(error))
