"""Files as a disk has them: what was synced stands, what was only written may be there after a power cut, or not.

Names count too: an entry of a directory is sure only once that directory was synced.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

SECTOR = 512


class Loss(StrEnum):
    """What becomes of the writes that nobody synced."""

    NONE_KEPT = "none kept"
    ALL_KEPT = "all kept"
    PREFIX = "the first ones kept"
    REORDERED = "some kept, in another order"
    TORN = "some sectors kept"


@dataclass(frozen=True)
class Write:
    """One write, or with `data` None a change of length; `n` counts over all files."""

    n: int
    offset: int
    data: bytes | None


@dataclass
class VolatileFile:
    """What is read back now, what is sure, and the writes between the two."""

    content: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Write] = field(default_factory=list)

    def write(self, n: int, offset: int, data: bytes | None) -> None:
        """Write without syncing."""
        made = Write(n, offset, data)
        _apply(self.content, made)
        self.pending.append(made)

    def sync(self) -> None:
        """Make sure of what was written."""
        for write in self.pending:
            _apply(self.durable, write)
        self.pending.clear()

    def forget(self) -> None:
        """Fail to sync as Linux does: the pages count as clean from now on, and are never written."""
        self.pending.clear()


@dataclass(frozen=True)
class Entry:
    """A name that was given to a file, or taken away."""

    n: int
    name: str
    file: VolatileFile | None


class Disk:
    """Names and files, and one count of everything that happened to them."""

    def __init__(self) -> None:
        self.names: dict[str, VolatileFile] = {}
        self._durable: dict[str, VolatileFile] = {}
        self._pending: list[Entry] = []
        self._n = 0

    def count(self) -> int:
        """Return the next number."""
        self._n += 1
        return self._n

    def link(self, name: str, file: VolatileFile | None) -> None:
        """Give a name to a file, or take it away."""
        self._pending.append(Entry(self.count(), name, file))
        _enter(self.names, self._pending[-1])

    def sync_folder(self, folder: str) -> None:
        """Make sure of the names below one folder."""
        for entry in self._pending:
            if parent(entry.name) == folder:
                _enter(self._durable, entry)
        self._pending = [entry for entry in self._pending if parent(entry.name) != folder]

    def load(self, name: str, content: bytes) -> None:
        """Put a file on the disk, for sure."""
        made = VolatileFile(bytearray(content), bytearray(content))
        self.names[name] = self._durable[name] = made

    def forget(self, folder: str) -> None:
        """Remove a folder with everything that is known of it."""
        for names in (self.names, self._durable):
            for name in [name for name in names if parent(name) == folder]:
                del names[name]
        self._pending = [entry for entry in self._pending if parent(entry.name) != folder]

    def cut(self, folder: str, loss: Loss, chance: random.Random) -> dict[str, bytes]:
        """Return what is found in a folder after a power cut now; the disk itself goes on."""
        names = {name: file for name, file in self._durable.items() if parent(name) == folder}
        entries = [entry for entry in self._pending if parent(entry.name) == folder]
        files = [*names.values(), *(entry.file for entry in entries if entry.file is not None)]
        keeps = _keeper(loss, [*(entry.n for entry in entries), *_unsure(files)], chance)
        for entry in entries:
            if keeps(entry.n):
                _enter(names, entry)
        return {name: _after(file, loss, keeps, chance) for name, file in names.items()}


def parent(name: str) -> str:
    """Return the folder of a path."""
    return name.rpartition("/")[0] or "/"


def _enter(names: dict[str, VolatileFile], entry: Entry) -> None:
    if entry.file is None:
        names.pop(entry.name, None)
    else:
        names[entry.name] = entry.file


def _unsure(files: Iterable[VolatileFile]) -> list[int]:
    return [write.n for file in files for write in file.pending]


def _keeper(loss: Loss, unsure: Sequence[int], chance: random.Random) -> Callable[[int], bool]:
    """Return what tells of a numbered write, one of those that nobody synced, whether it reached the disk."""
    if loss is Loss.PREFIX:
        kept = frozenset(sorted(set(unsure))[: chance.randint(0, len(set(unsure)))])
        return lambda n: n in kept
    if loss in (Loss.NONE_KEPT, Loss.ALL_KEPT):
        return lambda _n: loss is Loss.ALL_KEPT
    return lambda _n: chance.random() < 0.5


def _after(file: VolatileFile, loss: Loss, keeps: Callable[[int], bool], chance: random.Random) -> bytes:
    found = bytearray(file.durable)
    if loss is Loss.TORN:
        kept: Sequence[Write] = [piece for write in file.pending for piece in _sectors(write) if keeps(piece.n)]
    else:
        kept = [write for write in file.pending if keeps(write.n)]
    if loss is Loss.REORDERED:
        kept = chance.sample(kept, len(kept))
    for write in kept:
        _apply(found, write)
    return bytes(found)


def _sectors(write: Write) -> Iterable[Write]:
    if write.data is None:
        return (write,)
    ends = [*range(SECTOR - write.offset % SECTOR, len(write.data), SECTOR), len(write.data)]
    starts = [0, *ends[:-1]]
    data = write.data
    return [Write(write.n, write.offset + start, data[start:end]) for start, end in zip(starts, ends, strict=True)]


def _apply(content: bytearray, write: Write) -> None:
    if write.data is None:
        del content[write.offset :]
    if len(content) < write.offset:
        content.extend(bytes(write.offset - len(content)))
    if write.data is not None:
        content[write.offset : write.offset + len(write.data)] = write.data
