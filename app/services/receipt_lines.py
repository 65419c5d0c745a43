"""Breaking a text into lines: words whole, Chinese between any two characters, punctuation never orphaned."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Measure = Callable[[str], float]

_TOKEN = re.compile(r"[\x21-\x7e]+|.", re.DOTALL)
_NEVER_FIRST = frozenset("，。、；：？！）》」』】〉”’…—·,.;:?!)%")
_NEVER_LAST = frozenset("（《「『【〈“‘(")


def broken(text: str, width: float, measure: Measure) -> tuple[str, ...]:
    """Break a text into lines no wider than `width`, in the unit that `measure` returns; "\\n" always breaks.

    A word that is wider than a line is cut; a single character always has a line, however narrow.
    """
    return tuple(line for part in text.split("\n") for line in _paragraph(part, width, measure))


def _paragraph(text: str, width: float, measure: Measure) -> Iterator[str]:
    line = ""
    for token in _tokens(text, width, measure):
        if not line or measure(line + token.rstrip(" ")) <= width:
            line += token
            continue
        kept, carried = _cut(line, token)
        if measure(carried + token) > width:
            kept, carried = line, ""
        yield kept.rstrip(" ")
        line = (carried + token).lstrip(" ")
    yield line.rstrip(" ")


def _cut(line: str, token: str) -> tuple[str, str]:
    """Move the end of a line down while the next line would start, or this one end, with the wrong punctuation."""
    cut = len(line)
    while cut > max(1, len(line) - 3) and ((line + token)[cut] in _NEVER_FIRST or line[cut - 1] in _NEVER_LAST):
        cut -= 1
    wrong = (line + token)[cut] in _NEVER_FIRST or line[cut - 1] in _NEVER_LAST
    return (line, "") if wrong else (line[:cut], line[cut:])


def _tokens(text: str, width: float, measure: Measure) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        word = match.group()
        while len(word) > 1 and measure(word) > width:
            fits = max(1, next((n for n in range(len(word), 0, -1) if measure(word[:n]) <= width), 1))
            yield word[:fits]
            word = word[fits:]
        yield word
