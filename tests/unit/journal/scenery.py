"""A clock that stands still until told, operations to enqueue, and a province that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.domain.clock import moment
from app.domain.op_id import new_op_id
from app.domain.operation import Operation, OperationKind, Outcome, canonical_json
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province.port import (
    Away,
    CardCheck,
    CardCheckRequest,
    HsmAnswer,
    HsmRequest,
    ItemAnswer,
    ProfileQuery,
    UploadBatch,
    UploadItem,
)

CITIZEN_NUMBER = "350102199001011239"


class StillClock:
    """Time moves only by `pass_by`."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
        self.seconds = 1000.0
        self.boot = "boot-1"

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def boot_id(self) -> str:
        return self.boot

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds

    def reboot(self) -> None:
        self.boot, self.seconds = "boot-2", 5.0


def operation(
    clock: StillClock, order_key: str = "person-1", kind: OperationKind = OperationKind.TEMPORARY_LOSS, note: str = ""
) -> Operation:
    """Make one operation that happens now."""
    return Operation(
        op_id=new_op_id(clock.now()),
        kind=kind,
        order_key=order_key,
        payload=canonical_json({"note": note}),
        occurred=moment(clock),
        clerk="0007",
        acceptance_no="350102-20261122-K7QF2M-00001",
        base_version=3,
    )


def applied(item: UploadItem) -> ItemAnswer:
    """Answer that an item took effect."""
    return ItemAnswer(item.op_id, Outcome.APPLIED, effect_at=datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC))


@dataclass
class ToldProvince:
    """Answers each upload by the next told answer, else item by item; remembers what it was sent."""

    answer: Callable[[UploadItem], ItemAnswer | None] = applied
    away: list[Away | None] = field(default_factory=list)
    """The next uploads: an Away, or None for a real answer."""
    probes: list[Refusal | None] = field(default_factory=list)
    statuses: dict[str, ItemAnswer | Refusal] = field(default_factory=dict)
    uploads: list[list[str]] = field(default_factory=list)
    probed: int = 0

    def clock(self) -> datetime | Refusal:
        self.probed += 1
        told = self.probes.pop(0) if self.probes else None
        return told or datetime(2026, 11, 22, tzinfo=UTC)

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        self.uploads.append([item.op_id for item in batch.items])
        told = self.away.pop(0) if self.away else None
        if told is not None:
            return told
        return self._answers(batch.items)

    def operation_status(self, op_id: str) -> ItemAnswer | Refusal | None:
        return self.statuses.get(op_id)

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        raise NotImplementedError

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        raise NotImplementedError

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        raise NotImplementedError

    def _answers(self, items: Sequence[UploadItem]) -> tuple[ItemAnswer, ...]:
        return tuple(answer for answer in map(self.answer, items) if answer is not None)
