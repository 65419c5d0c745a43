"""pFileAddr and the answer that mirrors it: files ended by `$`, items by a bar (card.md 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FileItems:
    """One file and what is wanted of it.

    `file` is DF and EF, such as `SSSEEF06` or `DF01EF06`. Items are tags in hex, `40:2` for the second of a repeated
    one, or record numbers of a cyclic file; none for a transparent file.
    """

    file: str
    items: tuple[str, ...] = ()


def file_address(files: Sequence[FileItems]) -> str:
    """Return pFileAddr."""
    return "".join("|".join((each.file, *each.items)) + "|$" for each in files)


def parse_values(text: str, files: Sequence[FileItems]) -> tuple[tuple[str, ...], ...] | None:
    """Return the values of each file in the order asked for; None when the answer does not mirror the question.

    A cyclic file's value still has its items parted by `^`.
    """
    found = text.split("$")
    if found and not found[-1]:
        found.pop()
    if len(found) != len(files):
        return None
    values = tuple(tuple(part.removesuffix("|").split("|")) for part in found)
    fits = all(len(value) == max(len(asked.items), 1) for value, asked in zip(values, files, strict=True))
    return values if fits else None
