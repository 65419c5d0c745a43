"""What doctor says of the receipt printer where there is no spooler."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.refusal import Refusal
from app.services import settings
from app.services.doctor import PROBES, Health


@pytest.mark.parametrize(
    ("lines", "code"), [("", "DOCTOR-PRINTER-NONE"), ('printer = "window-3"\n', "DOCTOR-PRINTER-AWAY")]
)
def test_a_printer_that_nobody_named_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str, code: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "counter.toml").write_text(lines, encoding="utf-8")
    found = settings.load(tmp_path, False, None)
    assert not isinstance(found, Refusal)
    state, refusal = dict(PROBES)["printer"](found)
    assert (state, refusal.code) == (Health.WARN, code)
