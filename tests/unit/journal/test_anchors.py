"""Anchoring: enrolment, countersigned heads, where they are kept, and everything that may go wrong on the way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.domain.anchor import AuditPage, Countersigned, signed_text
from app.domain.audit import row_sm3, tag_of
from app.domain.refusal import Refusal
from app.journal.anchor_places import ANCHOR_FILE, AnchorFile
from app.journal.anchors import EVERY_S, Anchoring
from app.journal.audit_verify import ANCHOR_DIFFERS, ANCHOR_FALSE, ROLLED_BACK, Verification
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore
from hardware.crypto import sm2
from tests.unit.journal.desk_province import DeskProvince
from tests.unit.journal.scenery import StillClock

DEVICE = "device-3"


@dataclass
class Bench:
    """A journal that is anchored at a training desk."""

    journal: Journal
    clock: StillClock
    province: DeskProvince
    folder: Path
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.place = AnchorFile(self.folder)
        self.anchoring = self.start()

    def start(self) -> Anchoring:
        """Return what a start of the program would anchor with."""
        self.anchoring = Anchoring(
            self.journal, self.province, self.clock, DEVICE, (self.place,), lambda told: self.troubles.append(told.code)
        )
        return self.anchoring

    def write(self, rows: int = 1) -> None:
        self.journal.run(lambda tx: [tx.audit("test", "0007", "done") for _ in range(rows)]).result()

    def verify(self) -> Verification:
        return self.journal.run(lambda tx: tx.verify(self.place.read())).result()

    def kept(self) -> tuple[Countersigned, ...]:
        return self.journal.run(lambda tx: tx.anchors.kept()).result()

    def first_key(self) -> tuple[int, bytes] | None:
        return self.journal.run(lambda tx: tx.anchors.first_key()).result()


@pytest.fixture
def bench(journal: Journal, clock: StillClock, tmp_path: Path, folder: Path) -> Iterator[Bench]:
    province = DeskProvince(tmp_path / "province", clock)
    yield Bench(journal, clock, province, folder)
    province.close()


def test_the_first_contact_enrols_anchors_and_wipes_the_first_key(bench: Bench) -> None:
    bench.write(3)
    assert bench.first_key() is not None
    assert bench.anchoring.round(uploaded=False) == EVERY_S
    assert bench.first_key() is None
    assert bench.verify() == Verification(3, True, None, None, 3, 0)
    (anchor,) = bench.kept()
    assert (anchor.anchor_no, anchor.n, anchor.device, anchor.incarnation) == (1, 3, DEVICE, bench.journal.incarnation)
    assert bench.place.read() == (anchor,)
    bench.write(2)
    assert (bench.verify().anchored_rows, bench.verify().exposed_rows) == (3, 2)


def test_nothing_is_sent_while_there_is_nothing_to_anchor(bench: Bench) -> None:
    bench.anchoring.round(uploaded=False)
    assert (bench.province.anchored, bench.place.read()) == ([], ())


def test_new_rows_are_anchored_each_minute_and_with_each_upload(bench: Bench) -> None:
    bench.write()
    bench.anchoring.round(uploaded=False)
    bench.write()
    bench.clock.pass_by(10)
    assert bench.anchoring.round(uploaded=False) == EVERY_S - 10
    assert bench.province.anchored == [1]
    assert bench.anchoring.round(uploaded=True) == EVERY_S
    assert bench.province.anchored == [1, 2]
    bench.write()
    bench.clock.pass_by(EVERY_S)
    bench.anchoring.round(uploaded=False)
    assert bench.province.anchored == [1, 2, 3]
    bench.clock.pass_by(EVERY_S)
    bench.anchoring.round(uploaded=False)
    assert bench.province.anchored == [1, 2, 3]


def test_the_first_contact_of_a_start_asks_even_when_nothing_is_new(bench: Bench) -> None:
    bench.write()
    bench.anchoring.round(uploaded=False)
    bench.start().round(uploaded=False)
    assert bench.province.anchored == [1, 1]
    assert [anchor.anchor_no for anchor in bench.kept()] == [1]
    assert len(bench.place.read()) == 1


def test_a_province_that_is_away_is_asked_again_at_once_and_a_busy_one_in_a_minute(bench: Bench) -> None:
    bench.write()
    bench.province.refusals = [Refusal("PROVINCE-AWAY"), Refusal("PROVINCE-BUSY")]
    bench.anchoring.round(uploaded=False)
    bench.anchoring.round(uploaded=False)
    assert bench.province.refusals == []
    assert bench.anchoring.round(uploaded=False) == EVERY_S
    assert bench.province.anchored == []
    bench.clock.pass_by(EVERY_S)
    bench.anchoring.round(uploaded=False)
    assert (bench.province.anchored, bench.troubles) == ([1], [])


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_reply_that_is_lost_is_repeated_and_nothing_is_there_twice(bench: Bench, lost: int) -> None:
    bench.write(2)
    bench.province.lost = lost
    for _ in range(lost + 1):
        bench.anchoring.round(uploaded=False)
    assert [anchor.n for anchor in bench.kept()] == [2]
    assert (bench.province.alarms(), bench.troubles, bench.verify().ok) == ([], [], True)


def test_a_lost_reply_may_be_followed_by_new_rows(bench: Bench) -> None:
    bench.write(2)
    bench.anchoring.round(uploaded=False)
    bench.write()
    bench.province.lost = 1
    bench.anchoring.round(uploaded=True)
    bench.write()
    bench.start().round(uploaded=False)
    # The second was countersigned and lost; the province was shown that its row still stands.
    assert [(anchor.anchor_no, anchor.n) for anchor in bench.kept()] == [(1, 2), (3, 4)]
    assert bench.province.anchored == [2, 3, 4, 4]
    assert (bench.province.alarms(), bench.troubles, bench.verify().exposed_rows) == ([], [], 0)


def test_a_countersignature_of_another_key_is_refused_and_told(bench: Bench, tmp_path: Path) -> None:
    bench.write()
    bench.anchoring.round(uploaded=False)
    foreign = sm2.make_pair()
    real = bench.province.anchor

    def forged(anchor):
        answer = real(anchor)
        return replace(answer, signature=sm2.sign(foreign, signed_text(answer)).hex())

    bench.province.anchor = forged
    bench.write()
    bench.anchoring.round(uploaded=True)
    assert [anchor.n for anchor in bench.kept()] == [anchor.n for anchor in bench.place.read()] == [1]
    assert bench.troubles == ["ANCHOR-COUNTERSIGN-FALSE"]
    row = bench.journal.run(lambda tx: tx._book.connection.exec_driver_sql(LAST_ROW).one()).result()
    assert tuple(row) == ("audit.anchor_refused", "refused", '{"code":"ANCHOR-COUNTERSIGN-FALSE"}')
    assert bench.anchoring.round(uploaded=True) == EVERY_S
    assert bench.troubles == ["ANCHOR-COUNTERSIGN-FALSE"]


LAST_ROW = "SELECT event, result, detail FROM audit ORDER BY n DESC LIMIT 1"


@pytest.mark.parametrize("part", ["n", "sm3", "incarnation", "device"])
def test_a_countersignature_of_something_else_is_refused(bench: Bench, part: str) -> None:
    bench.write(2)
    real = bench.province.anchor
    pair = sm2.make_pair()

    def other(anchor):
        answer = real(anchor)
        changed = replace(answer, **{part: 1 if part == "n" else "00" * 32})
        return replace(changed, signature=sm2.sign(pair, signed_text(changed)).hex())

    bench.province.anchor = other
    bench.anchoring.round(uploaded=False)
    assert (bench.kept(), bench.troubles) == ((), ["ANCHOR-COUNTERSIGN-FALSE"])


@pytest.mark.parametrize("part", ["first_key_sm3", "public_key", "province_key", "incarnation", "device"])
def test_an_enrolment_that_is_not_acknowledged_truly_keeps_the_first_key(bench: Bench, part: str) -> None:
    bench.write()
    real = bench.province.enrol
    bench.province.enrol = lambda asked: replace(real(asked), **{part: "00" * 64})
    bench.anchoring.round(uploaded=False)
    assert bench.first_key() is not None
    assert (bench.province.anchored, bench.troubles) == ([], ["ANCHOR-COUNTERSIGN-FALSE"])


def test_a_place_that_cannot_be_written_is_told_and_the_journal_keeps_the_anchor(bench: Bench) -> None:
    (bench.folder / ANCHOR_FILE).mkdir()
    bench.write()
    bench.anchoring.round(uploaded=False)
    assert bench.troubles == ["ANCHOR-NOT-KEPT"]
    assert [anchor.n for anchor in bench.kept()] == [1]


# What somebody does who has the journal's key.


@pytest.fixture
def thief(raw: Callable) -> Callable:
    connection = raw()
    for table in ("audit", "anchor", "audit_start"):
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER {table}_no_{verb}")
    return connection.execute


def cut(thief: Callable, number: int) -> None:
    """Cut the chain off before a row, with everything in the file that tells of it."""
    thief("DELETE FROM audit WHERE n >= ?", (number,))
    thief("DELETE FROM anchor WHERE n >= ?", (number,))
    last = thief("SELECT n, sm3 FROM audit ORDER BY n DESC LIMIT 1").fetchone() or (0, bytes(32))
    thief("UPDATE audit_head SET n = ?, sm3 = ?", last)


def rewrite(thief: Callable, number: int) -> None:
    """Rewrite a row and all after it, under the present epoch's key."""
    ((key,),) = thief("SELECT key FROM audit_key").fetchall()
    (last,) = thief("SELECT sm3 FROM audit WHERE n = ?", (number - 1,)).fetchone() or (bytes(32),)
    for row, entry in thief("SELECT n, entry FROM audit WHERE n >= ? ORDER BY n", (number,)).fetchall():
        changed = entry.replace("0007", "0666")
        last = row_sm3(last, row, changed.encode())
        tag = tag_of(key, row, last)
        thief("UPDATE audit SET entry = ?, sm3 = ?, tag = ? WHERE n = ?", (changed, last, tag, row))
    thief("UPDATE audit_head SET sm3 = ?", (last,))


def checked(bench: Bench) -> tuple[int | None, str | None, int]:
    """Have the province check every row."""
    rows = bench.journal.run(lambda tx: tx.audit_links(0, 10_000)).result()
    found = bench.province.check_audit(AuditPage(DEVICE, bench.journal.incarnation, 0, rows))
    assert not isinstance(found, Refusal)
    return found.first_bad, found.reason, found.anchored_rows


def test_truncation_is_found_back_to_the_last_anchor_at_each_place(bench: Bench, thief: Callable) -> None:
    bench.write(20)
    bench.anchoring.round(uploaded=False)
    bench.write(6)
    for number in range(26, 0, -1):
        cut(thief, number)
        found = bench.verify()
        if number > 20:
            assert (found.ok, found.rows, found.exposed_rows) == (True, number - 1, number - 21)
        else:
            assert (found.ok, found.first_bad, found.reason) == (False, number, ROLLED_BACK)
            assert checked(bench)[2] == 20 > found.rows


def test_a_rewritten_chain_is_found_back_to_the_last_anchor(bench: Bench, thief: Callable) -> None:
    bench.write(9)
    bench.anchoring.round(uploaded=False)
    bench.write(3)
    rewrite(thief, 11)
    assert bench.verify() == Verification(12, True, None, None, 9, 3)
    rewrite(thief, 4)
    assert (bench.verify().first_bad, bench.verify().reason) == (9, ANCHOR_DIFFERS)
    thief("DELETE FROM anchor")
    assert (bench.verify().first_bad, bench.verify().reason) == (9, ANCHOR_DIFFERS)
    (bench.folder / ANCHOR_FILE).unlink()
    assert bench.verify().ok
    assert checked(bench) == (9, "AUDIT-ANCHOR-DIFFERS", 9)


@pytest.fixture
def short_epochs(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("app.domain.audit.EPOCH_ROWS", 10)
    return 10


def test_rows_of_an_older_epoch_cannot_be_rewritten_even_without_any_anchor_here(
    short_epochs: int, bench: Bench, thief: Callable
) -> None:
    bench.write(1)
    bench.anchoring.round(uploaded=False)
    bench.write(short_epochs + 4)
    rewrite(thief, short_epochs - 2)
    assert bench.verify().ok
    assert checked(bench) == (short_epochs - 2, "AUDIT-TAG-WRONG", 1)


def test_the_province_checks_every_tag(short_epochs: int, bench: Bench) -> None:
    bench.write(25)
    bench.anchoring.round(uploaded=False)
    assert checked(bench) == (None, None, 25)
    rows = bench.journal.run(lambda tx: tx.audit_links(0, 10_000)).result()
    incarnation = bench.journal.incarnation
    for bad in range(25):
        spoilt = [*rows[:bad], replace(rows[bad], tag=bytes(32)), *rows[bad + 1 :]]
        found = bench.province.check_audit(AuditPage(DEVICE, incarnation, 0, spoilt))
        assert (found.first_bad, found.reason) == (bad + 1, "AUDIT-TAG-WRONG")
        found = bench.province.check_audit(AuditPage(DEVICE, incarnation, 0, [*rows[:bad], *rows[bad + 1 :]]))
        assert (found.first_bad, found.reason) == ((bad + 1, "AUDIT-ROW-MISSING") if bad < 24 else (None, None))
        assert bench.province.check_audit(AuditPage(DEVICE, incarnation, bad, rows[bad:])).first_bad is None


def test_a_file_that_is_replaced_by_an_older_copy_is_found(
    bench: Bench, open_journal: Callable, folder: Path, tmp_path: Path
) -> None:
    bench.write(5)
    bench.anchoring.round(uploaded=False)
    bench.journal.close()
    shutil.copy(folder / "journal.db", tmp_path / "older.db")
    bench.journal = open_journal()
    bench.write(5)
    bench.start().round(uploaded=False)
    bench.journal.close()
    shutil.copy(tmp_path / "older.db", folder / "journal.db")
    bench.journal = open_journal()
    found = bench.verify()
    assert (found.rows, found.first_bad, found.reason) == (5, 6, ROLLED_BACK)
    bench.start().round(uploaded=False)
    assert (bench.troubles, bench.province.alarms()) == (["ANCHOR-BACKWARDS"], ["ANCHOR-BACKWARDS"])
    # Working on, dark, past the last anchor does not heal it: the rows are not those that were anchored.
    bench.write(7)
    assert (bench.verify().first_bad, bench.verify().reason) == (10, ANCHOR_DIFFERS)
    assert checked(bench)[:2] == (10, "AUDIT-ANCHOR-DIFFERS")
    bench.start().round(uploaded=False)
    assert bench.troubles[1:] == bench.province.alarms()[1:] == ["ANCHOR-DIFFERS"]
    assert [anchor.n for anchor in bench.place.read()] == [5, 10]


def test_an_older_copy_from_before_the_enrolment_is_found(
    bench: Bench, open_journal: Callable, folder: Path, tmp_path: Path
) -> None:
    bench.write(2)
    bench.journal.close()
    shutil.copy(folder / "journal.db", tmp_path / "older.db")
    bench.journal = open_journal()
    bench.write()
    bench.start().round(uploaded=False)
    bench.journal.close()
    shutil.copy(tmp_path / "older.db", folder / "journal.db")
    bench.journal = open_journal()
    assert (bench.verify().first_bad, bench.verify().reason) == (3, ROLLED_BACK)
    bench.start().round(uploaded=False)
    assert bench.troubles == ["DEVICE-ENROLLED"]
    assert bench.province.alarms() == ["DEVICE-ENROLLED"]


def test_anchors_that_the_province_did_not_sign_are_told_from_rows_that_were_rewritten(
    bench: Bench, thief: Callable
) -> None:
    bench.write(4)
    bench.anchoring.round(uploaded=False)
    (true,) = bench.kept()
    for changed, first_bad in (
        (replace(true, n=2), 2),
        (replace(true, n=9), 9),
        (replace(true, sm3="00" * 32), 4),
        (replace(true, at="2020-01-01"), 4),
        (replace(true, signature="00"), 4),
        (replace(true, signature="no hex"), 4),
    ):
        (bench.folder / ANCHOR_FILE).write_text(json.dumps(vars(changed)) + "\n", encoding="utf-8")
        found = bench.verify()
        assert (found.ok, found.first_bad, found.reason) == (False, first_bad, ANCHOR_FALSE), changed
    (bench.folder / ANCHOR_FILE).unlink()
    assert bench.verify().ok
    thief("UPDATE anchor SET at = 'x'")
    assert (bench.verify().first_bad, bench.verify().reason) == (4, ANCHOR_FALSE)


def test_anchors_of_another_incarnation_say_nothing(bench: Bench) -> None:
    bench.write()
    bench.place.keep(Countersigned(DEVICE, "another", 7, 99, "00" * 32, "t", "00"))
    assert bench.verify() == Verification(1, True, None, None, 0, 1)


# The province's side.


def test_what_does_not_go_forward_is_refused_with_an_alarm(bench: Bench) -> None:
    bench.write(3)
    seen = []
    real = bench.province.anchor
    bench.province.anchor = lambda anchor: seen.append(anchor) or real(anchor)
    bench.anchoring.round(uploaded=False)
    bench.write()
    bench.anchoring.round(uploaded=True)
    old, last = seen
    key = bench.journal.run(lambda tx: tx.anchors.device_key()).result()

    def signed(anchor):
        pair = sm2.Sm2Pair(key.private, key.public)
        return replace(anchor, signature=sm2.sign(pair, signed_text(anchor)).hex())

    desk = bench.province.desk
    assert desk.anchor(last).anchor_no == 2
    assert desk.anchor(old) == Refusal("ANCHOR-BACKWARDS")
    assert desk.anchor(replace(last, at="later")) == Refusal("ANCHOR-SIGNATURE")
    assert desk.anchor(signed(replace(last, tag="00" * 32))) == Refusal("ANCHOR-TAG")
    assert desk.anchor(signed(replace(last, incarnation="another"))) == Refusal("ANCHOR-INCARNATION")
    assert desk.anchor(replace(last, device="nobody")) == Refusal("DEVICE-UNKNOWN")
    other = replace(last, sm3="5a" * 32, tag=tag_of(_present_key(bench), last.n, b"Z" * 32).hex())
    assert desk.anchor(signed(other)) == Refusal("ANCHOR-DIFFERS")
    assert bench.province.alarms() == [
        "ANCHOR-BACKWARDS",
        "ANCHOR-SIGNATURE",
        "ANCHOR-TAG",
        "ANCHOR-INCARNATION",
        "ANCHOR-DIFFERS",
    ]
    assert desk.check(AuditPage("nobody", "i", 0, ())) == Refusal("DEVICE-UNKNOWN")


def _present_key(bench: Bench) -> bytes:
    ask = "SELECT key FROM audit_key"
    return bench.journal.run(lambda tx: tx._book.connection.exec_driver_sql(ask).scalar()).result()


def test_a_second_journal_under_one_name_takes_over_with_an_alarm(
    bench: Bench, tmp_path: Path, clock: StillClock
) -> None:
    bench.write()
    bench.anchoring.round(uploaded=False)
    store = FolderKeyStore(tmp_path / "second", lambda: None)
    second = Journal.open(tmp_path / "second", store, clock)
    assert isinstance(second, Journal)
    other = Bench(second, clock, bench.province, tmp_path / "second")
    other.write()
    other.anchoring.round(uploaded=False)
    second.close()
    assert len(other.place.read()) == 1
    bench.write()
    bench.anchoring.round(uploaded=True)
    assert bench.troubles == ["ANCHOR-INCARNATION"]
    assert bench.province.alarms() == ["DEVICE-NEW-INCARNATION", "ANCHOR-INCARNATION"]
    page = AuditPage(DEVICE, bench.journal.incarnation, 0, ())
    assert bench.province.check_audit(page) == Refusal("ANCHOR-INCARNATION")


# Where anchors are kept outside.


def anchor_of(number: int) -> Countersigned:
    return Countersigned("窗口-03", "i", number, number, "00" * 32, "t", "00")


def test_a_line_that_a_crash_tore_is_left_alone_and_the_next_stands_apart(tmp_path: Path) -> None:
    place = AnchorFile(tmp_path)
    place.keep(anchor_of(1))
    with (tmp_path / ANCHOR_FILE).open("ab") as torn:
        torn.write(b'{"device":"x","anch')
    place.keep(anchor_of(2))
    place.keep(anchor_of(2))
    assert place.read() == (anchor_of(1), anchor_of(2))
    assert (tmp_path / ANCHOR_FILE).stat().st_mode & 0o077 == 0


WRONG_TYPE = json.dumps({**vars(anchor_of(1)), "n": "1"})


@pytest.mark.parametrize("line", ["", "[]", "null", "{}", '{"n": 1}', "[" * 5000, WRONG_TYPE])
def test_lines_that_are_no_anchor_are_left_out(tmp_path: Path, line: str) -> None:
    (tmp_path / ANCHOR_FILE).write_text(f"{line}\n", encoding="utf-8")
    assert AnchorFile(tmp_path).read() == ()
