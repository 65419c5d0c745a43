"""Where a defect happened, for a log that holds no personal data."""

from __future__ import annotations

import traceback


def trace_of(error: BaseException) -> str:
    """Return types and places of an exception and of what it came from, without any message.

    A message may repeat whatever was typed or read, such as a citizen number.
    """
    parts: list[str] = []
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        parts.append(
            f"{type(link).__module__}.{type(link).__qualname__}\n{''.join(traceback.format_tb(link.__traceback__))}"
        )
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "from ".join(parts).rstrip()
