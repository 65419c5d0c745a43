"""What must hold of a journal and its province, whatever became of the process: counted, never explained away."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from app.domain.clock import SystemClock
from app.domain.operation import DeliveryState, Destination
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.reading import JournalReader, read_only
from tests.crash.lab.ledger_province import Effect, effects
from tests.crash.lab.service import EVENTS

OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True)
class Faults:
    """How often each promise was broken."""

    lost: int = 0
    """Acknowledged, and not in the journal."""
    half: int = 0
    """An operation without its audit row or delivery, or one of these without it."""
    twice: int = 0
    """Effects at the province beyond the first."""
    missing: int = 0
    """Applied, says the journal; the province has no effect of it."""
    mistaken: int = 0
    """Given to a person, though it took effect."""
    disordered: int = 0
    """Effects of one ordering key that overtook an earlier one."""
    gaps: int = 0
    """device_seq or acceptance numbers that are missing or used twice."""
    chain: int = 0
    """The audit chain does not verify."""
    miscounted: int = 0
    """By how many the queue is longer or shorter than the journal says."""
    unreadable: int = 0
    """The journal does not open."""

    @property
    def any(self) -> bool:
        """Tell whether anything is wrong."""
        return any(getattr(self, field.name) for field in fields(self))


def faults(folder: Path, promised: set[str], settled: bool = False, ledger: Path | None = None) -> Faults:
    """Compare journal, promises and ledger; `settled`: everything was delivered, so that each effect is there once."""
    reader = read_only(folder, FolderKeyStore(folder, no_ring), SystemClock())
    if not isinstance(reader, JournalReader):
        # The first child may have died before there was a journal; then nothing was promised.
        unborn = reader.code == "JOURNAL-NONE"
        return Faults(lost=len(promised)) if unborn else Faults(unreadable=1)
    everywhere = reader.read(lambda tx: tx.rows())
    waiting = sum(row.state in OPEN for row in everywhere)
    miscounted = abs(waiting - reader.read(lambda tx: tx.summary()).pending)
    rows = [row for row in everywhere if row.destination == Destination.PROVINCE]
    chain = reader.read(lambda tx: tx.verify())
    connection = reader._book.connection
    names = ", ".join("?" * len(EVENTS))
    with connection.begin():
        audited = [
            found[0]
            for found in connection.exec_driver_sql(
                f"SELECT op_id FROM audit WHERE event IN ({names}) AND result = 'done'", EVENTS
            )
        ]
        written = dict(connection.exec_driver_sql("SELECT op_id, acceptance_no FROM operation").all())
    reader.close()
    sequence = sorted(row.device_seq for row in rows)
    days: dict[str, list[int]] = defaultdict(list)
    for number in written.values():
        days[number[:-5]].append(int(number[-5:]))
    applied = {row.device_seq for row in rows if row.state is DeliveryState.APPLIED}
    made = effects(ledger or folder)
    counted = Counter(effect.device_seq for effect in made)
    with_people = {row.device_seq for row in rows if row.state in (DeliveryState.CONFLICT, DeliveryState.REJECTED)}
    expected = set(sequence) - with_people if settled else applied
    return Faults(
        lost=len(promised - set(written)),
        half=_uneven(written.keys(), audited, (row.op_id for row in rows)),
        twice=sum(counted.values()) - len(counted),
        missing=len(expected - set(counted)),
        disordered=_overtaken(made),
        mistaken=len(with_people & set(counted)),
        gaps=sum(sorted(numbers) != _counted_up(numbers) for numbers in (sequence, *days.values())),
        chain=int(not chain.ok),
        miscounted=miscounted,
    )


def _counted_up(numbers: list[int]) -> list[int]:
    return list(range(1, len(numbers) + 1))


def _uneven(written: Iterable[str], audited: Iterable[str], delivered: Iterable[str]) -> int:
    """Count the operations that are not in all three, once in each."""
    told = [Counter(written), Counter(audited), Counter(delivered)]
    everything = set().union(*told)
    return sum([count[op_id] for count in told] != [1, 1, 1] for op_id in everything)


def _overtaken(made: Iterable[Effect]) -> int:
    """Count first effects that come after a later operation's of the same key."""
    highest: dict[str, int] = defaultdict(int)
    seen: set[int] = set()
    overtaken = 0
    for effect in made:
        if effect.device_seq in seen:
            continue
        seen.add(effect.device_seq)
        overtaken += effect.device_seq < highest[effect.order_key]
        highest[effect.order_key] = max(highest[effect.order_key], effect.device_seq)
    return overtaken
