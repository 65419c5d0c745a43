"""`yikatong outbox list|show|retry|export` beside a running counter and without one; and the downlink of a counter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.downlink import Tombstone
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.services.counter import Counter
from app.services.views import VisitView
from app.verbs.entry import main
from tests.contract.services.conftest import OpenCounter
from tests.contract.services.test_visit_desk import do, signed_in, wait_until
from tests.programs import Province


def verb(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, object, str]:
    """Run an outbox verb; returns its exit code, its JSON and its error line."""
    capsys.readouterr()
    code = main(["outbox", *words, "--json"])
    said = capsys.readouterr()
    assert said.err.count("\n") <= 1
    return code, json.loads(said.out) if said.out else None, said.err


def in_the_dark(opened: OpenCounter, province: Province) -> tuple[Counter, str]:
    """Open a counter that was in touch, cut the line, and take down a loss."""
    # What the first session wrote has the second enrol the device with its first contact.
    signed_in(opened("gen3")).close()
    counter = signed_in(opened("gen3"))
    wait_until(lambda: counter.journal.run(lambda tx: tx.sealing_key()).result() is not None)
    visit = counter.desk.identify()
    assert isinstance(visit, VisitView)
    province.kill()
    wait_until(lambda: not counter.circuit.online)
    op_id = do(counter, "20", reason="lost", phone="13900000000").op_id
    # The sender tried at once, and put it back.
    wait_until(
        lambda: (row := counter.journal.run(lambda tx: tx.rows()).result()[0]).attempts and row.state == "queued"
    )
    return counter, op_id


def test_one_operation_is_shown_retried_and_taken_out(
    opened: OpenCounter, province: Province, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    counter, op_id = in_the_dark(opened, province)
    data = ("--data", str(counter.settings.folder))
    assert [row["op_id"] for row in verb(capsys, "list", *data)[1]] == [op_id]
    code, shown, _error = verb(capsys, "show", op_id, *data)
    assert code == 0
    assert (shown["state"], shown["clock_doubtful"], shown["clerk"]) == ("queued", False, "0317")
    assert "*" in shown["person"]
    assert counter.desk.in_hand.visit.identity.citizen_number not in json.dumps(shown)
    assert shown["next_action"] == "不需要处理，程序会自动上送。"
    assert [(step["event"], step["actor"]) for step in shown["history"]] == [("loss.temporary", "0317")]
    # By the number on the receipt too, and in words.
    assert verb(capsys, "show", shown["acceptance_no"], *data)[1]["op_id"] == op_id
    assert main(["outbox", "show", op_id, *data]) == 0
    assert "待上送" in capsys.readouterr().out
    assert verb(capsys, "retry", op_id, *data)[:2] == (0, {"op_id": op_id, "due": True})
    assert verb(capsys, "retry", "none", *data)[2].startswith("OP-NOT-HERE ")
    assert verb(capsys, "show", "none", *data)[2].startswith("OP-NOT-HERE ")

    beside = tmp_path / "beside.json"
    code, done, _error = verb(capsys, "export", "--out", str(beside), *data)
    assert (code, done["operations"], done["file"]) == (0, 1, str(beside))
    assert verb(capsys, "export", "--out", str(beside), *data)[2].startswith("EXPORT-FILE-EXISTS ")
    counter.close()
    alone = tmp_path / "alone.json"
    assert verb(capsys, "export", "--out", str(alone), *data)[0] == 0
    assert verb(capsys, "retry", op_id, *data)[0] == 0
    history = [(step["event"], step["result"]) for step in verb(capsys, "show", op_id, *data)[1]["history"]]
    assert history == [("loss.temporary", "done"), ("outbox.retry", "done"), ("outbox.retry", "done")]

    province.start()
    for new in (1, 0):
        assert main(["province", "import", str(beside), "--province", province.url, "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert (answer["new"], answer["applied"]) == (new, 1)
    assert verb(capsys, "drain", "--province", province.url, *data)[0] == 0
    assert province.ledger()[op_id] == 1
    code, _none, error = verb(capsys, "retry", op_id, *data)
    assert code == 2
    assert error.startswith("OP-ANSWERED-APPLIED ")
    assert verb(capsys, "show", op_id, *data)[1]["next_action"] == "不需要处理。"
    assert verb(capsys, "export", "--out", str(tmp_path / "x"), *data)[2].startswith("OUTBOX-EMPTY ")
    assert main(["journal", "verify", *data]) == 0


def test_the_desk_retries_and_exports_as_commands(opened: OpenCounter, province: Province) -> None:
    counter, op_id = in_the_dark(opened, province)
    actor = counter.desk.in_hand.actor
    assert actor is not None
    assert counter.outbox_desk.retry(op_id, actor) is None
    assert counter.outbox_desk.retry("none", actor) == Refusal.of("OP-NOT-HERE", number="none")
    # A clerk may not take the queue out of the house; who settles what was refused may.
    refused = counter.outbox_desk.export(actor)
    assert isinstance(refused, Refusal)
    assert refused.code == "NOT-PERMITTED"
    exports = counter.settings.folder / "exports"
    assert list(exports.iterdir()) == []
    lead = type(actor)(actor.staff_no, actor.name, actor.person_id, actor.window, frozenset({"outbox.export"}))
    done = counter.outbox_desk.export(lead)
    assert not isinstance(done, Refusal), done
    assert [str(file) for file in exports.iterdir()] == [done.file]


def test_a_death_that_the_province_tells_refuses_in_the_dark(opened: OpenCounter, province: Province) -> None:
    counter = signed_in(opened("gen3"))
    visit = counter.desk.identify()
    assert isinstance(visit, VisitView)
    card_id = visit.identity.card_id

    def known() -> object:
        return counter.journal.run(lambda tx: tx.known_card(card_id)).result()

    assert known().social is SocialState.NORMAL
    assert counter.desk.finish() is None
    province.post(f"/training/cards/{card_id}/death", {})
    counter.line.downlink.wake()
    wait_until(lambda: known().tombstone is Tombstone.DEATH)
    assert counter.journal.run(lambda tx: tx.downlink()).result().at is not None
    province.kill()
    wait_until(lambda: not counter.circuit.online)
    again = counter.desk.identify()
    assert isinstance(again, VisitView)
    assert (again.profile, again.known) == (None, known())
    assert {service.refusal.code for service in again.services if service.refusal} >= {"PERSON-DEAD"}
    assert counter.desk.open_form("20") == Refusal("PERSON-DEAD")
