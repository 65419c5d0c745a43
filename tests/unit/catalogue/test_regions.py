"""Region codes have names; what is not a region has none."""

from __future__ import annotations

import pytest

from app.catalogue import regions, tables


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("510000", "四川省"),
        ("510100", "成都市"),
        ("513400", "凉山彝族自治州"),
        ("510104", "成都市"),
        ("110105", "北京市"),
        ("469021", "海南省"),
        ("990000", None),
        ("5101", None),
        ("", None),
    ],
)
def test_a_region_is_named_by_the_smallest_one_known(code: str, name: str | None) -> None:
    assert regions.load().name(code) == name


def test_every_province_and_all_of_sichuan_are_there() -> None:
    names = regions.load().names
    assert len([code for code in names if code.endswith("0000")]) == 31
    assert len([code for code in names if code.startswith("51")]) == 22
    assert len(set(names.values())) == len(names)


def test_a_row_that_is_no_region_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "read_table", lambda *_parts: {"510104": "锦江区"})
    with pytest.raises(tables.TableError, match="510104"):
        regions.load.__wrapped__()
