"""How verbs speak: JSON on stdout, errors as one line on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from app.catalogue import sentences
from app.domain.refusal import Refusal


def print_refusal(refusal: Refusal) -> None:
    """Print code, sentence and remedy as one line on stderr."""
    line = sentences.load().of(refusal).line
    # Facts may hold what was typed or what a driver said: an error stays one line, and moves no cursor.
    print(" ".join("".join(c if c.isprintable() else " " for c in line).split()), file=sys.stderr)


def print_json(value: object) -> None:
    """Print JSON on stdout, Chinese unescaped."""
    print(json.dumps(value, ensure_ascii=False))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows as columns; a Chinese character counts as two."""
    lines = [tuple(headers), *(tuple(row) for row in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(headers))]
    for line in lines:
        print("  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip())


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
