"""Steps in the hall, which is a world outside: intended → done there → done (DESIGN.md rules 2 and 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from app.domain.actor import Actor
from app.domain.clock import Clock
from app.domain.op_id import new_op_id
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway

T = TypeVar("T")

NEVER_HAPPENED = "never happened"


class HallSteps:
    """Takes steps in the hall, each with its rows in the journal before and after. Every method may block."""

    def __init__(self, doorway: Doorway, journal: Journal, clock: Clock) -> None:
        self._doorway = doorway
        self._journal = journal
        self._clock = clock

    def take(
        self,
        command: str,
        step: str,
        actor: Actor,
        act: Callable[[str], T | Refusal],
        evidence: Callable[[T], str],
        detail: tuple[tuple[str, str], ...] = (),
    ) -> T | Refusal:
        """Do a command's one step in the hall: `act` gets the op_id, `evidence` says what the hall did.

        `detail` goes into the audit row and holds no personal data.
        """
        op_id = new_op_id(self._clock.now())

        def intend(tx: Transaction) -> Done[str]:
            tx.step_intended(op_id, step)
            return Done(op_id, op_id, detail)

        intended = self._doorway.execute(command, actor, intend).result()
        if isinstance(intended, Refusal):
            return intended
        result = act(op_id)
        if not isinstance(result, Refusal):
            self._end(op_id, step, evidence(result))
        elif result.code not in ("HALL-AWAY", "DISK-FULL"):
            self._fail(op_id, step, result.code)
        # A hall that went away may have done it or not, and a full disk takes no row of ours either: the step stays
        # open, and the next start asks.
        return result

    def settle(self, probes: Mapping[str, Callable[[str], str | Refusal | None]]) -> tuple[str, ...]:
        """Ask the hall about steps that a crash left open; returns the op_ids that were settled.

        Each probe gets an op_id and returns the evidence, None when the step never happened, or a Refusal: ask later.
        """
        settled = []
        for step in self._journal.run(lambda tx: tx.unsettled_steps()).result():
            probe = probes.get(step.step)
            if probe is None:
                continue
            found = probe(step.op_id)
            if isinstance(found, Refusal):
                continue
            if found is None:
                self._fail(step.op_id, step.step, NEVER_HAPPENED)
            else:
                self._end(step.op_id, step.step, found)
            settled.append(step.op_id)
        return tuple(settled)

    def _end(self, op_id: str, step: str, evidence: str) -> None:
        self._journal.run(lambda tx: tx.step_done(op_id, step, evidence), label=step).result()

    def _fail(self, op_id: str, step: str, evidence: str) -> None:
        self._journal.run(lambda tx: tx.step_failed(op_id, step, evidence), label=step).result()
