"""What doctor says of the pad for the 社保密码."""

from __future__ import annotations

import os
import sys

import pytest

from app.domain.refusal import Refusal
from app.services import settings
from app.services.doctor import PROBES, Health


def probed(folder, lines):
    (folder / "counter.toml").write_text(lines, encoding="utf-8")
    found = settings.load(folder, False, None)
    assert not isinstance(found, Refusal)
    state, refusal = dict(PROBES)["pad"](found)
    return state, refusal.code


def test_a_window_needs_no_pad(tmp_path):
    assert probed(tmp_path, "") == (Health.OK, "DOCTOR-PAD-NONE")


def test_a_pad_that_is_not_there_is_told(tmp_path):
    assert probed(tmp_path, 'pad = "serial:/dev/no-such-pad"') == (Health.WARN, "DOCTOR-PAD-AWAY")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals here")
def test_a_pad_whose_line_opens_is_told(tmp_path):
    end, line = os.openpty()
    try:
        assert probed(tmp_path, f'pad = "serial:{os.ttyname(line)}"') == (Health.OK, "DOCTOR-PAD-OK")
    finally:
        os.close(end)
        os.close(line)
