"""What the journal has is copied to a second place, in steps that are states it really had, and comes back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.operation import Destination, Outcome
from app.domain.refusal import Refusal
from app.journal import change_log, copier, restore
from app.journal.audit_verify import Verification
from app.journal.copier import Copier, Copying, CopySource
from app.journal.database import Access
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.second_place import SecondFolder, segment_file, segments_of
from app.journal.tables import METADATA
from tests.memory_folder import memory_folder
from tests.unit.journal.scenery import CITIZEN_NUMBER, StillClock, operation


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory: these tests are about what is copied, not about the disk."""
    with memory_folder() as made:
        yield made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "U盘").mkdir()
    return tmp_path / "U盘"


@pytest.fixture
def place(journal: Journal, root: Path) -> SecondFolder:
    journal.run(lambda tx: tx.copying(True)).result()
    return SecondFolder(root, journal.machine_id)


@pytest.fixture
def source(folder: Path, journal: Journal, key_store: FolderKeyStore) -> CopySource:
    return CopySource(Access(folder / "journal.db", key_store.load()), "device-3")


@pytest.fixture
def new_copying(journal: Journal, source: CopySource, place: SecondFolder, clock: StillClock) -> Iterator[Callable]:
    made = []

    def make() -> Copying:
        made.append(Copying(journal, source, place, clock))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def copying(new_copying: Callable) -> Copying:
    return new_copying()


@pytest.fixture
def back(tmp_path: Path, key_store: FolderKeyStore, clock: StillClock) -> Iterator[Callable]:
    """Restore a copy into a folder of its own, and open what came out."""
    opened: list[Journal] = []

    def restored(copy: Path) -> Journal:
        folder = tmp_path / f"restored {len(opened)}"
        folder.mkdir()
        FolderKeyStore(folder, no_ring).keep(key_store.load())
        found = restore.restore_copy(copy, key_store.load(), folder, clock)
        assert isinstance(found, restore.Restored), found
        assert found.chain_ok
        journal = Journal.open(folder, FolderKeyStore(folder, no_ring), clock)
        assert isinstance(journal, Journal)
        opened.append(journal)
        return journal

    yield restored
    for journal in opened:
        journal.close()


def everything(journal: Journal) -> dict[str, list[tuple[object, ...]]]:
    """Return every row that is copied, by table."""

    def read(tx: object) -> dict[str, list[tuple[object, ...]]]:
        connection = tx._book.connection
        return {
            table.name: sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{table.name}"').all()))
            for table in change_log.copied_tables(connection)
        }

    return journal.run(read).result()


def some_work(journal: Journal, clock: StillClock, people: int = 3) -> list[str]:
    made = []
    for person in range(people):
        one = operation(clock, order_key=f"person-{person}", note="一")

        def work(tx: object, one: object = one, person: int = person) -> None:
            tx.person_ref(CITIZEN_NUMBER, f"{person:032X}")
            tx.enqueue(one, (Destination.PROVINCE, Destination.HALL))
            tx.audit("loss.temporary", "0007", "done", one.op_id)
            tx.save_receipt(one.op_id, one.op_id, "挂失", bytes(range(256)))
            tx.print_job_state(one.op_id, 1, "queued", None)

        journal.run(work).result()
        made.append(one.op_id)
    return made


def test_every_table_is_copied_or_says_why_not(journal: Journal, raw: Callable) -> None:
    triggers = {name for (name,) in raw().execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    copied = {table.name for table in METADATA.sorted_tables} - set(change_log.NOT_COPIED)
    assert "audit" in copied
    assert not {f"changed_{table}_{act}" for table in copied for act in ("insert", "update", "delete")} - triggers
    assert all(change_log.NOT_COPIED.values())


def test_nothing_is_noted_without_a_second_place(journal: Journal, clock: StillClock, do: Callable) -> None:
    some_work(journal, clock)
    assert do(lambda tx: tx.copy_lag()) is None
    do(lambda tx: tx.copying(True))
    some_work(journal, clock)
    assert do(lambda tx: tx.copy_lag()).rows > 0
    do(lambda tx: tx.copying(False))
    assert do(lambda tx: tx.copy_lag()) is None
    assert do(lambda tx: change_log.changes(tx._book.connection)) == (0, {})


def test_the_lag_is_what_is_not_copied_yet(journal: Journal, copying: Copying, clock: StillClock, do: Callable) -> None:
    assert not do(lambda tx: tx.copy_lag()).whole
    assert copying.step()
    assert copying.lag() == change_log.CopyLag(0, 0.0, True)
    assert not copying.step()
    some_work(journal, clock, 1)
    (at,) = do(lambda tx: tx._book.connection.exec_driver_sql("SELECT min(at) FROM changed").one())
    clock.pass_by(at + 7.5 - clock.now().timestamp())
    found = copying.lag()
    assert found.rows >= 8
    assert found.age_s == pytest.approx(7.5, abs=0.01)
    assert copying.step()
    assert copying.lag().rows == 0


def test_what_was_copied_comes_back_row_by_row(
    journal: Journal, copying: Copying, clock: StillClock, place: SecondFolder, back: Callable, do: Callable
) -> None:
    some_work(journal, clock)
    copying.step()
    first = some_work(journal, clock)[0]
    copying.step()
    leased = do(lambda tx: tx.lease(Destination.PROVINCE, limit=1))[0].operation.op_id
    do(lambda tx: tx.settle(leased, Destination.PROVINCE, Outcome.REJECTED, "OP-STATE-MOVED"))
    copying.step()
    before = everything(journal)
    again = back(place.folder)
    after = everything(again)
    for rows in (before, after):
        for table in ("meta", "counter", "audit_key"):
            rows.pop(table)
    restored_row = {table: sorted(set(rows) - set(before[table])) for table, rows in after.items()}
    assert [table for table, rows in restored_row.items() if rows] == ["audit", "audit_head"]
    assert "journal.restored" in restored_row["audit"][0]
    assert {table: len(rows) for table, rows in after.items() if table != "audit"} == {
        table: len(rows) for table, rows in before.items() if table != "audit"
    }
    assert again.run(lambda tx: tx.receipt(first)).result().pdf == bytes(range(256))
    assert again.incarnation != journal.incarnation
    assert again.machine_id != journal.machine_id


def test_rows_that_are_gone_go_there_too_and_tables_without_rowids_are_carried(
    journal: Journal, copying: Copying, raw: Callable, place: SecondFolder, key_store: FolderKeyStore, tmp_path: Path
) -> None:
    raw().execute("CREATE TABLE odd (a TEXT NOT NULL, b BLOB NOT NULL, c, PRIMARY KEY (a, b)) WITHOUT ROWID")
    journal.run(lambda tx: change_log.make_triggers(tx._book.connection)).result()
    copying.step()

    def run(sql: str, values: tuple[object, ...]) -> None:
        journal.run(lambda tx: tx._book.connection.exec_driver_sql(sql, values)).result()

    for row in ((":a'), (x", b"\x00'", 1.5), ("乙", b"", None), ("z", b"z", -(2**63))):
        run("INSERT INTO odd VALUES (?, ?, ?)", row)
    copying.step()
    run("DELETE FROM odd WHERE a = ?", ("z",))
    run("UPDATE odd SET c = 'x' WHERE a = ?", ("乙",))
    copying.step()
    frames = [
        part.rows
        for segment in segments_of(place.folder)
        for frame, _end in copier_frames(place, segment, key_store.load())
        for part in frame.parts
        if part.table == "odd"
    ]
    assert frames == [
        [],
        [
            ("':a''), (x',X'0027'", [":a'), (x", b"\x00'", 1.5]),
            ("'乙',X''", ["乙", b"", None]),
            ("'z',X'7A'", ["z", b"z", -(2**63)]),
        ],
        [("'z',X'7A'", None), ("'乙',X''", ["乙", b"", "x"])],
    ]


def copier_frames(place: SecondFolder, segment: tuple[int, int], key: bytes) -> list:
    from app.journal.segments import read_frames

    return list(read_frames(segment_file(place.folder, segment).read_bytes(), key))


def test_every_cut_of_the_last_segment_gives_a_state_the_journal_had(
    journal: Journal, copying: Copying, clock: StillClock, place: SecondFolder, key_store: FolderKeyStore,
    tmp_path: Path,
) -> None:  # fmt: skip
    copying.step()
    sizes = [place.size((1, 1))]
    for _turn in range(3):
        some_work(journal, clock, 1)
        copying.step()
        sizes.append(place.size((1, 1)))
    whole = segment_file(place.folder, (1, 1)).read_bytes()
    assert len(whole) == sizes[-1]
    torn = tmp_path / "torn"
    torn.mkdir()
    for steps, cut in ((0, sizes[0] - 1), (0, 3), (1, sizes[0]), (1, sizes[1] - 1), (3, sizes[2]), (4, sizes[3])):
        segment_file(torn, (1, 1)).write_bytes(whole[:cut])
        folder = tmp_path / f"cut {cut}"
        folder.mkdir()
        found = restore.restore_copy(torn, key_store.load(), folder, clock)
        if steps == 0:
            assert found == Refusal("RESTORE-COPY-NONE")
        else:
            assert (found.operations, found.chain_ok, found.damaged) == (steps - 1, True, False)


def test_a_flipped_byte_stops_there_and_is_told_when_more_was_kept(
    journal: Journal, copying: Copying, new_copying: Callable, clock: StillClock, place: SecondFolder,
    key_store: FolderKeyStore, tmp_path: Path,
) -> None:  # fmt: skip
    copying.step()
    size = place.size((1, 1))
    some_work(journal, clock, 1)
    copying.step()
    some_work(journal, clock, 1)
    new_copying().step()
    assert segments_of(place.folder) == ((1, 1), (1, 2))
    file = segment_file(place.folder, (1, 1))
    content = bytearray(file.read_bytes())
    content[size + 50] ^= 1
    file.write_bytes(content)
    (tmp_path / "new").mkdir()
    found = restore.restore_copy(place.folder, key_store.load(), tmp_path / "new", clock)
    assert (found.operations, found.damaged) == (0, True)
    (tmp_path / "other").mkdir()
    refused = restore.restore_copy(place.folder, bytes(32), tmp_path / "other", clock)
    assert refused == Refusal("JOURNAL-KEY-WRONG")


def test_a_place_that_was_changed_gets_a_copy_of_its_own(
    journal: Journal, copying: Copying, new_copying: Callable, clock: StillClock, place: SecondFolder, back: Callable
) -> None:
    copying.step()
    some_work(journal, clock, 2)
    shutil.rmtree(place.folder)
    again = new_copying()
    assert again.step()
    assert segments_of(place.folder) == ((2, 1),)
    assert len(back(place.folder).run(lambda tx: tx.rows()).result()) == 4


def test_a_copy_that_was_begun_and_never_known_is_not_gone_on_with(
    journal: Journal, copying: Copying, new_copying: Callable, clock: StillClock, place: SecondFolder, back: Callable
) -> None:
    copying.step()
    shutil.copy(segment_file(place.folder, (1, 1)), segment_file(place.folder, (2, 1)))
    some_work(journal, clock, 2)
    new_copying().step()
    assert segments_of(place.folder) == ((3, 1),)
    assert len(back(place.folder).run(lambda tx: tx.rows()).result()) == 4


def test_what_has_grown_is_copied_anew_and_the_old_taken_away(
    journal: Journal, copying: Copying, clock: StillClock, place: SecondFolder, back: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(copier, "LARGEST_SEGMENT", 8_000)
    copying.step()
    seen = set()
    for _turn in range(8):
        some_work(journal, clock, 2)
        copying.step()
        seen.update(place.segments())
    assert {generation for generation, _number in seen} > {1}
    assert (1, 2) in seen
    assert len({generation for generation, _number in place.segments()}) == 1
    assert len(back(place.folder).run(lambda tx: tx.rows()).result()) == 32


def test_a_place_that_is_away_holds_nobody_up_and_is_caught_up(
    journal: Journal, new_copying: Callable, clock: StillClock, root: Path, do: Callable, back: Callable,
    place: SecondFolder, tmp_path: Path,
) -> None:  # fmt: skip
    import queue

    troubles, lags = queue.Queue(), queue.Queue()
    root.rename(tmp_path / "gone")
    one = Copier(new_copying, lags.put, troubles.put, away_s=0.05)
    journal.watch(one.wake)
    one.start()
    assert troubles.get(timeout=5) == Refusal("SECOND-PLACE-AWAY")
    some_work(journal, clock)
    assert do(lambda tx: tx.copy_lag()).rows > 0
    (tmp_path / "gone").rename(root)
    while (lag := lags.get(timeout=5)).rows or not lag.whole:
        pass
    some_work(journal, clock)
    assert one.stop()
    assert troubles.empty()
    assert do(lambda tx: tx.copy_lag()).rows == 0
    journal.watch(None)
    assert len(back(place.folder).run(lambda tx: tx.rows()).result()) == 12


def test_the_restored_chain_goes_on_under_a_new_key_and_can_be_anchored(
    journal: Journal, copying: Copying, clock: StillClock, place: SecondFolder, back: Callable, tmp_path: Path
) -> None:
    from app.journal.anchors import Anchoring
    from tests.unit.journal.desk_province import DeskProvince

    province = DeskProvince(tmp_path / "province", clock)
    some_work(journal, clock)
    told: list[Refusal] = []
    Anchoring(journal, province, clock, "device-3", (), told.append).round(uploaded=False)
    copying.step()
    again = back(place.folder)
    again.run(lambda tx: tx.audit("test", "0007", "done")).result()
    Anchoring(again, province, clock, "device-3", (), told.append).round(uploaded=False)
    assert again.run(lambda tx: tx.verify()).result() == Verification(5, True, None, None, 5, 0)
    assert province.anchored == [3, 5]
    assert [alarm.code for alarm in province.desk.alarms()] == ["DEVICE-NEW-INCARNATION"]
    assert told == []
    province.close()


def test_a_copy_of_an_older_schema_comes_back_in_this_one(
    tmp_path: Path, clock: StillClock, key_store: FolderKeyStore
) -> None:
    from app.journal.segments import Frame, Header, Rows, Sealer

    rows = [("1", ["incarnation", "old"]), ("2", ["machine_id", "m"])]
    sealer = Sealer.of(Header(1, 1, 0, 0, 1, "m", "old", "device-3", "", ""), bytes(32))
    frame = Frame([Rows("meta", ("key", "value"), ("rowid",), rows)], True)
    copy, folder = tmp_path / "copy", tmp_path / "new"
    copy.mkdir()
    folder.mkdir()
    segment_file(copy, (1, 1)).write_bytes(sealer.start + sealer.seal(frame))
    FolderKeyStore(folder, no_ring).keep(bytes(32))
    assert restore.restore_copy(copy, bytes(32), folder, clock).chain_ok
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), clock)
    assert journal.run(lambda tx: tx.verify()).result().ok
    journal.close()


def test_nothing_in_the_second_place_can_be_read(
    journal: Journal, copying: Copying, clock: StillClock, place: SecondFolder
) -> None:
    some_work(journal, clock)
    copying.step()
    content = b"".join(segment_file(place.folder, segment).read_bytes() for segment in place.segments())
    for word in ("挂失".encode(), CITIZEN_NUMBER.encode(), b"person-1", b"loss.temporary", bytes(range(200))):
        assert word not in content
