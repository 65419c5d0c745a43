"""The second person: proves himself at the same window and signs the digest of exactly what both see."""

from __future__ import annotations

from collections.abc import Callable
from secrets import randbelow

from app.catalogue.services import APPROVE, Catalogue, SecondPersonRule
from app.domain.actor import Actor
from app.domain.approval import Approval, Shown
from app.domain.refusal import Refusal
from app.journal.approvals import Signature
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from app.services.staff_door import StaffDoor


class SecondPersonDesk:
    """Takes a second person's word. Methods block on journal and hall."""

    def __init__(self, door: StaffDoor, doorway: Doorway, catalogue: Catalogue) -> None:
        self._door = door
        self._doorway = doorway
        self._catalogue = catalogue

    def approve(self, shown: Shown, maker: Actor, staff_no: str, password: str) -> Approval | Refusal:
        """Have a second person sign what the maker is shown.

        Refusals: those of a sign-in, SECOND-PERSON-SAME, APPROVAL-ROLE; each leaves its audit row.
        """
        approver = self._door.prove(staff_no, password, maker.window)
        if isinstance(approver, Refusal):
            return approver
        valid_s = float(self._catalogue.second_person.valid_s)
        signature = Signature(shown, maker.person_id, approver.person_id, approver.staff_no, valid_s)
        fit = approver.roles & self._catalogue.commands[shown.command].approvers

        def sign(tx: Transaction) -> Done[Approval] | Refusal:
            if not fit:
                return Refusal("APPROVAL-ROLE")
            given = tx.approvals.give(signature)
            if isinstance(given, Refusal):
                return given
            approval = Approval(given, approver.staff_no, approver.name, approver.person_id, valid_s)
            detail = (("command", shown.command), ("digest", shown.digest), ("approval", given))
            return Done(approval, shown.op_id, (*detail, ("maker", maker.staff_no)))

        signed = self._doorway.execute(APPROVE, approver, sign).result()
        # Told to the maker, whose own role is in order.
        if isinstance(signed, Refusal) and signed.code == "NOT-PERMITTED":
            return Refusal("APPROVAL-ROLE")
        return signed


def draw_one_in(rule: SecondPersonRule) -> Callable[[], bool]:
    """Return a draw that is true once in as many as the rule says, unforeseeably."""
    return lambda: randbelow(rule.sample_one_in) == 0
