"""What of a personal value may be seen by default is what the table says."""

from __future__ import annotations

import pytest

from app.catalogue import masks, tables


@pytest.mark.parametrize(
    ("field", "clear", "masked"),
    [
        ("citizen_number", "110101199003070011", "110101********0011"),
        ("citizen_number", "H123", "****"),
        ("name", "陈桂芳", "陈**"),
        ("name", "𠮷野", "𠮷*"),
        ("name", "陈", "*"),
        ("name", "", ""),
        ("card_number", "A12345674", "A*****674"),
        ("card_number", "A12345", "******"),
        ("account", "6217000000003361", "************3361"),
        ("account", "", ""),
        ("card_id", "350100D15600000500AABBCCDD112233", "350100" + "*" * 26),
        ("phone_on_paper", "13900000001", "139****0001"),
        ("loss_reason", "遗失", "遗失"),
    ],
)
def test_masks_keep_only_what_may_be_seen(field: str, clear: str, masked: str) -> None:
    assert masks.load().hide(field, clear) == masked


def test_a_number_in_a_table_is_a_whole_number() -> None:
    assert tables.number(3, "row") == 3
    for wrong in ("3", 3.0, True, None):
        with pytest.raises(tables.TableError, match="row"):
            tables.number(wrong, "row")
