"""Carries 正式挂失 through while it is killed, starts again, and says what bank, province and journal have of it.

A program of its own: `python -m tests.crash.saga.carry_through FOLDER URL accepted|refused FAULT[+FAULT]…`; prints one
line of JSON for each argument after the third: the faults that killed one start after the other, then a start without.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from sqlalchemy import text

from app.catalogue import sagas, services, texts
from app.domain.actor import Actor
from app.domain.clock import SystemClock
from app.domain.identity import CardProof, Identity, Proof
from app.domain.operation import OperationKind
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.journal import limits
from app.journal.dispatch import Dispatcher
from app.journal.fault_point import FAULT_VARIABLE
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.reading import JournalReader, read_only
from app.journal.saga_engine import SagaEngine
from app.journal.saga_values import SagaView
from app.journal.transaction import Transaction
from app.province.bank_client import HttpBank
from app.province.http_client import HttpProvince
from app.province.port import ProfileQuery
from app.services.card_services import CardServices
from app.services.doorway import Doorway
from app.services.formal_loss import formal_loss_acts
from app.services.views import VisitView
from tests.crash.lab.forks import ended, forked
from tests.crash.lab.warm_image import warm_image
from tests.unit.services.test_doorway import Line

CLOCK = SystemClock()
CATALOGUE, SAGAS, WORDS, LIMITS = services.load(), sagas.load(), texts.load(), limits.load()
CLERK = Actor("0317", "林晓", "p-0317", "3", CATALOGUE.permissions(("clerk",)))
FORM = {"reason": "lost", "phone": "19900000000", "id_document": "resident_id"}
ROUNDS = 40
REFUSED_STATE = "locked"


@dataclass(frozen=True)
class Pages:
    """The training server's own pages."""

    url: str

    def get(self, path: str) -> Any:
        """Ask one."""
        with urlopen(self.url + path, timeout=30) as reply:
            return json.load(reply)

    def post(self, path: str, body: Mapping[str, object]) -> None:
        """Tell one."""
        request = Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urlopen(request, timeout=30) as reply:
            reply.read()


def saga_ids(tx: Transaction) -> list[str]:
    """Return every saga of a journal."""
    return list(tx._book.connection.execute(text("SELECT saga_id FROM saga")).scalars())


def on_file(province: HttpProvince, card_id: str) -> Profile:
    """Return what the province has of a card."""
    profile = province.profile(ProfileQuery("crash", card_id=card_id))
    assert isinstance(profile, Profile), profile
    return profile


def visit(province: HttpProvince, card_id: str) -> VisitView:
    """Identify the holder by what the province has on file."""
    profile = on_file(province, card_id)
    proofs = Proof.CHIP, Proof.NONE, CardProof(True, True, "check-1")
    identity = Identity(profile.citizen_number, profile.name, card_id, profile.card_number, "350100", "3.00", *proofs)
    return VisitView(identity, profile, False, (), None)


def session(folder: Path, line: Pages, card_id: str, refused: bool) -> None:
    """Begin the saga where it is not begun, and carry it on until it comes to rest."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    assert isinstance(journal, Journal), journal
    # Copies of one journal have one incarnation; a device each keeps their numbers apart.
    device = f"{folder.parent.name}-{folder.name}"
    province, bank = HttpProvince(line.url, device, True), HttpBank(line.url, device, True)
    steps = formal_loss_acts(bank, journal, lambda: None)
    engine = SagaEngine(journal, SAGAS, steps, lambda: True, LIMITS, jitter=lambda low, _high: low)
    dispatcher = Dispatcher(journal, province, CLOCK, device, LIMITS)
    if not journal.run(saga_ids).result():
        seen = visit(province, card_id)
        if refused:
            line.post(f"/training/cards/{card_id}/state", {"social": REFUSED_STATE})
        door = Doorway(journal, CATALOGUE.commands, Line())
        desk = CardServices(door, CATALOGUE, WORDS, CLOCK, Line(), engine, "350102")
        taken = desk.submit(OperationKind.FORMAL_LOSS, seen, FORM, CLERK).result()
        if not isinstance(taken, Refusal):
            engine.advance(taken.op_id, attended=True)
    for _ in range(ROUNDS):
        dispatcher.make_due()
        dispatcher.round()
        journal.run(lambda tx: tx.sagas.drop_holds()).result()
        engine.run_due()
        if not engine.moving():
            break
    bank.close()
    province.close()
    journal.close()


def fresh(folder: Path) -> Path:
    """Make an empty journal to be copied: every child is spared the schema, and what its making loads."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    assert isinstance(journal, Journal), journal
    journal.close()
    return folder


def in_child(work: Callable[[], None], fault: str) -> int:
    """Do the work in a forked child; returns the signal that ended it, 0 for none, -1 for a failure."""

    def armed() -> None:
        os.environ[FAULT_VARIABLE] = fault
        work()

    return ended(forked(armed))


def seen_afterwards(folder: Path) -> SagaView | None:
    """Read the saga out of the journal, as a program would that only looks."""
    reader = read_only(folder, FolderKeyStore(folder, no_ring), CLOCK)
    assert isinstance(reader, JournalReader), reader
    try:
        assert reader.read(lambda tx: tx.verify()).ok
        return reader.read(lambda tx: next((tx.sagas.view(saga_id) for saga_id in saga_ids(tx)), None))
    finally:
        reader.close()


def told(line: Pages, view: SagaView | None, now: Profile) -> dict[str, object]:
    """Say what everybody has of it: the journal's state, the effects by step, the card's and the account's state."""
    bank = {row["serial"]: row["applied"] for row in line.get("/training/bank/ledger")}
    effects: dict[str, int] = {}
    if view is not None:
        ledger = {row["op_id"]: row["applied"] for row in line.get("/training/ledger")}
        effects = {row.step: bank.get(row.idem_key, 0) for row in view.steps if row.step != "province_loss"}
        effects["province_loss"] = ledger.get(view.saga.saga_id, 0)
    return {
        "state": view.state.value if view is not None else "none",
        "effects": effects,
        "unsettled": [found.step for found in view.steps if found.ended_at is None] if view is not None else [],
        "card": now.social.value,
        "lost": line.get(f"/training/bank/accounts/{now.bank_account}")["lost"],
    }


def main() -> None:
    """Go through the faults, each with a holder of its own."""
    root, line, refused = Path(sys.argv[1]), Pages(sys.argv[2]), sys.argv[3] == "refused"
    found = line.get("/training/holders?social=normal&limit=5000")
    fit = [row for row in found if row["person"] == "normal" and row["bank"] == "active" and row["profile"] is None]
    holders = iter(fit[:: -1 if refused else 1])
    province = HttpProvince(line.url, "crash-lab", True)
    warm_image()
    empty = fresh(root / "empty")
    for turn, faults in enumerate(sys.argv[4:]):
        card_id = str(next(holders)["card_id"])
        folder = shutil.copytree(empty, root / str(turn))
        work = lambda where=folder, whose=card_id: session(where, line, whose, refused)  # noqa: E731
        died = [in_child(work, fault) for fault in faults.split("+")]
        again = in_child(work, "")
        outcome = told(line, seen_afterwards(folder), on_file(province, card_id))
        sys.stdout.write(json.dumps({"faults": faults, "died": died, "again": again, **outcome}) + "\n")
        sys.stdout.flush()
    province.close()


if __name__ == "__main__":
    main()
