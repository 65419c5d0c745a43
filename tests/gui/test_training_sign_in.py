"""Who trains is told at the sign-in who to sign in as; who works for real is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from app.catalogue import training_staff
from app.services.events import EventBus
from app.services.settings import Settings, load
from hardware.scanners.scan_router import ScanRouter
from ui import key_table, tone_table
from ui.bridge import Bridge
from ui.clerk.flow import ClerkFlow
from ui.theme.apply import apply_theme


@pytest.mark.parametrize("training", [True, False])
def test_training_account_is_told_in_training_only(qapp, texts, sentences, tmp_path: Path, training: bool) -> None:
    apply_theme(qapp)
    settings = load(tmp_path, training=True, hall_url=None)
    assert isinstance(settings, Settings)
    bridge = Bridge()
    settings = replace(settings, training=training)
    flow = ClerkFlow(
        settings,
        EventBus(),
        bridge,
        texts,
        sentences,
        key_table.load(),
        tone_table.load(),
        ScanRouter(lambda _found: None),
    )
    staff = training_staff.load()
    said = [label.text() for label in flow.sign_in.findChildren(QLabel) if not label.isHidden()]
    told = [text for text in said if staff.password in text and staff.people[0].staff_no in text]
    assert bool(told) is training
    bridge.close()
    flow.close()
