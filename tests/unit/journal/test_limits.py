"""The table of limits, and sentences for every code of the journal."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.catalogue import sentences
from app.catalogue.tables import TableError, read_table
from app.journal import limits
from app.journal.transaction import LEASE_S, MAX_BATCH_BYTES, MAX_BATCH_ROWS


def test_table_is_the_references() -> None:
    table = limits.load()
    assert (table.batch_rows, table.batch_bytes, table.lease_s) == (MAX_BATCH_ROWS, MAX_BATCH_BYTES, LEASE_S)
    assert (table.back_off_base_s, table.back_off_cap_s) == (1.0, 300.0)
    assert table.max_age_s["temporary_loss"] == 86400.0
    assert table.ahead_s == 300.0
    assert table.start_delay_s == 30.0
    assert table.alone_tries == 3


@pytest.mark.parametrize("wrong", [None, 0, -1, "100", True])
def test_number_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: object) -> None:
    content: dict[str, Mapping[str, object]] = {
        name: dict(rows) for name, rows in read_table("catalogue", "outbox.toml").items()
    }
    content["batch"]["rows"] = wrong
    monkeypatch.setattr(limits, "read_table", lambda *_parts: content)
    with pytest.raises(TableError, match="rows"):
        limits.load()


@pytest.mark.parametrize(
    "code",
    [
        *("DISK-FULL", "JOURNAL-DISK-FAILING", "JOURNAL-CLOSED", "OP-TOO-OLD", "OP-DATED-AHEAD", "SENDER-STUMBLED"),
        *("PROVINCE-NONSENSE", "TASK-REJECTED", "TASK-CONFLICT", "TASK-SET-ASIDE", "DATA-FOLDER-UNUSABLE"),
    ],
)
def test_every_code_has_a_sentence_with_a_remedy(code: str) -> None:
    for language in ("zh_CN", "en"):
        sentence = sentences.load(language).code(code)
        assert sentence.text
        assert sentence.remedy
