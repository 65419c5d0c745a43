"""A sealed file: everything unsent, for the province alone, applied once, however it comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.operation import canonical_json
from app.domain.refusal import Refusal
from app.domain.sealed_export import FORMAT, SealedExport, read_sealed
from app.journal.anchors import Anchoring
from app.journal.sealing_keys import SealingKeys
from app.journal.transaction import Transaction
from app.province.sealed_import import hand_in
from app.services.sealed_file import Exported, Sealed, seal, write_sealed
from app.training.process import TrainingProvince
from app.verbs.entry import main
from tests.contract.outbox.scenery import DEVICE, DarkCounter, arrived, assert_once_and_in_order

Start = Callable[[], TrainingProvince]
CounterAt = Callable[[str], DarkCounter]


def meet(counter: DarkCounter) -> None:
    """Enrol the device, and learn the province's keys, as a first contact does."""
    Anchoring(counter.journal, counter.province, counter.clock, DEVICE, ()).round(uploaded=True)
    SealingKeys(counter.journal, counter.province, counter.clock).round()


def sealed(counter: DarkCounter) -> Sealed | Refusal:
    return counter.journal.run(lambda tx: seal(tx, DEVICE, counter.clock.now())).result()


@pytest.fixture
def met(start: Start, counter_at: CounterAt) -> tuple[TrainingProvince, DarkCounter]:
    province = start()
    counter = counter_at(province.url)
    counter.journal.run(lambda tx: tx.audit("staff.sign_in", "0317", "done")).result()
    meet(counter)
    return province, counter


def test_what_went_by_file_is_applied_once_and_known_when_the_line_is_back(
    met: tuple[TrainingProvince, DarkCounter], province_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    province, counter = met
    counter.register(250)
    export = sealed(counter)
    assert isinstance(export, Sealed)
    audited: list[Exported] = []
    file = tmp_path / "out.sealed.json"
    done = write_sealed(export, file, lambda done: audited.append(done))
    assert isinstance(done, Exported)
    assert (done.operations, done.left_out, audited) == (250, 0, [done])
    assert file.stat().st_mode & 0o077 == 0
    text = file.read_text()
    assert counter.made[0].op_id not in text
    assert "person-1" not in text
    for new in (250, 0):
        assert main(["province", "import", str(file), "--province", province.url, "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer == {
            "device": DEVICE,
            "operations": 250,
            "new": new,
            "applied": 250,
            "rejected": 0,
            "conflict": 0,
            "retry": 0,
        }
    counter.register(20)
    counter.drain(rounds=50)
    assert_once_and_in_order(counter, arrived(province_folder))


PARTS = ("sealed", "tag", "nonce", "wrapped_key", "signature", "made_at", "operations", "key", "device")


def test_a_file_that_was_changed_anywhere_is_not_taken(
    met: tuple[TrainingProvince, DarkCounter], province_folder: Path, tmp_path: Path
) -> None:
    province, counter = met
    counter.register(3)
    export = sealed(counter)
    assert isinstance(export, Sealed)
    file = tmp_path / "changed"
    told = {}
    for part in PARTS:
        value = getattr(export.export, part)
        other = value + 1 if isinstance(value, int) else f"{'0' if value[0] != '0' else '1'}{value[1:]}"
        file.write_text(replace(export.export, **{part: other}).to_text())
        told[part] = hand_in(file, province.url)
    assert told == {**dict.fromkeys(PARTS, Refusal("SEALED-ALTERED")), "device": Refusal("DEVICE-UNKNOWN")}
    assert arrived(province_folder).order == ()


def test_only_its_own_province_opens_it(met: tuple[TrainingProvince, DarkCounter], tmp_path: Path) -> None:
    _province, counter = met
    counter.register(3)
    export = sealed(counter)
    assert isinstance(export, Sealed)
    file = tmp_path / "file"
    file.write_text(export.export.to_text())
    other = TrainingProvince.start(tmp_path / "other", seed=8, holders=5)
    try:
        assert hand_in(file, other.url) == Refusal("DEVICE-UNKNOWN")
    finally:
        other.stop()


def test_without_the_provinces_key_or_without_rows_there_is_no_file(start: Start, counter_at: CounterAt) -> None:
    counter = counter_at(start().url)
    assert sealed(counter) == Refusal("OUTBOX-EMPTY")
    counter.register(1)
    assert sealed(counter) == Refusal("SEALING-KEY-NONE")


def test_what_cannot_be_read_any_more_is_left_out_and_counted(met: tuple[TrainingProvince, DarkCounter]) -> None:
    _province, counter = met
    counter.register(3)

    def spoil(tx: Transaction, some: tuple[str, ...]) -> None:
        run = tx._book.connection.exec_driver_sql
        run("DROP TRIGGER IF EXISTS operation_payload_only_sealed_anew")
        for op_id in some:
            run("UPDATE operation SET payload = zeroblob(40) WHERE op_id = ?", (op_id,))

    first, *others = (made.op_id for made in counter.made)
    counter.journal.run(lambda tx: spoil(tx, (first,))).result()
    export = sealed(counter)
    assert isinstance(export, Sealed)
    assert (export.export.operations, export.left_out) == (2, 1)
    counter.journal.run(lambda tx: spoil(tx, tuple(others))).result()
    assert sealed(counter) == Refusal.of("EXPORT-DAMAGED", operations=3)


def test_a_file_is_never_overwritten_and_a_refused_audit_leaves_none(
    met: tuple[TrainingProvince, DarkCounter], tmp_path: Path
) -> None:
    _province, counter = met
    counter.register(1)
    export = sealed(counter)
    assert isinstance(export, Sealed)
    file = tmp_path / "x"
    assert write_sealed(export, file, lambda _done: Refusal("NOT-PERMITTED")) == Refusal("NOT-PERMITTED")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == []
    file.write_text("kept")
    refused = write_sealed(export, file, lambda _done: None)
    assert isinstance(refused, Refusal)
    assert refused.code == "EXPORT-FILE-EXISTS"
    assert file.read_text() == "kept"
    refused = write_sealed(export, tmp_path / "none" / "x", lambda _done: None)
    assert isinstance(refused, Refusal)
    assert refused.code == "EXPORT-NOT-WRITTEN"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "[" * 100_000, canonical_json({"format": FORMAT}), "\udcff"], ids=range(6)
)
def test_what_is_no_sealed_file_is_refused(text: str) -> None:
    assert read_sealed(text) is None


def test_values_of_another_kind_are_no_sealed_file() -> None:
    good = SealedExport("d", "i", "t", 1, "00")
    assert read_sealed(good.to_text()) == good
    for wrong in ({"operations": "1"}, {"operations": True}, {"key": "0"}, {"tag": "ZZ"}, {"format": "x"}):
        assert read_sealed(canonical_json({**vars(good), **wrong})) is None


def test_handing_in_refuses_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f").write_text("x")
    for file, url, code in (
        (tmp_path / "f", "http://province.example", "INPUT-WRONG"),
        (tmp_path / "none", "http://127.0.0.1:9", "SEALED-UNREADABLE"),
        (tmp_path / "f", "http://127.0.0.1:9", "PROVINCE-AWAY"),
    ):
        assert main(["province", "import", str(file), "--province", url]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"{code} ")
        assert error.count("\n") == 1
