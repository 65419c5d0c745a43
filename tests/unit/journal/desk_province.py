"""A province whose audit desk is the training province's own, without a line between."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.domain.anchor import (
    Anchor,
    AuditFinding,
    AuditPage,
    Countersigned,
    Enrolment,
    EnrolmentReceipt,
    LastSequence,
)
from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.training.audit_desk import AuditDesk
from app.training.store import open_store
from tests.unit.journal.scenery import ToldProvince


class DeskProvince(ToldProvince):
    """Answers uploads as it is told, and anchors as the training province does; `lost` replies arrive nowhere."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__()
        folder.mkdir(parents=True, exist_ok=True)
        self.engine = open_store(folder)
        self.desk = AuditDesk(self.engine, clock)
        self.desk.make_key()
        self.refusals: list[Refusal] = []
        """The next questions of the audit chain are refused so, before they arrive."""
        self.lost = 0
        self.anchored: list[int] = []

    def close(self) -> None:
        self.engine.dispose()

    def enrol(self, enrolment: Enrolment) -> EnrolmentReceipt | Refusal:
        return self._on_the_line() or self._answer(self.desk.enrol(enrolment))

    def anchor(self, anchor: Anchor) -> Countersigned | Refusal:
        refused = self._on_the_line()
        if refused is not None:
            return refused
        self.anchored.append(anchor.n)
        return self._answer(self.desk.anchor(anchor))

    def last_sequence(self, device: str) -> tuple[LastSequence, ...]:
        return tuple(self.desk.last_sequence(device))

    def check_audit(self, page: AuditPage) -> AuditFinding | Refusal:
        return self.desk.check(page)

    def alarms(self) -> Sequence[str]:
        return [row.code for row in self.desk.alarms()]

    def _on_the_line(self) -> Refusal | None:
        return self.refusals.pop(0) if self.refusals else None

    def _answer(self, answer):
        if self.lost:
            self.lost -= 1
            return Refusal("PROVINCE-AWAY")
        return answer
