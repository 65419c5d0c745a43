"""The clerk's face opened in the test's own process, over a training province that may be killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.hall.training_staff import training_password
from app.services.settings import Settings, load
from tests.programs import Counter, Province
from ui.clerk.face import Face, open_face
from ui.clerk.flow import ClerkFlow

STAFF_NO = "0317"
PATIENCE_MS = 30_000


@contextmanager
def face_on(
    folder: Path, province: Province, profile: str, qapp: QApplication, qtbot: QtBot, more: str = ""
) -> Iterator[Face]:
    """Open a face with a card of a profile in its virtual reader and `more` settings; closed at the end."""
    made = Counter.make(folder, province, profile).folder
    with (made / "counter.toml").open("a", encoding="utf-8") as file:
        file.write(more)
    settings = load(made, training=True, hall_url=None)
    assert isinstance(settings, Settings)
    face = open_face(qapp, settings)
    try:
        yield face
    finally:
        # Work under way may still bring a result; it has to find its receiver.
        qtbot.waitUntil(lambda: not face.flow.busy, timeout=PATIENCE_MS)
        face.close()


def sign_in(flow: ClerkFlow, qtbot: QtBot, staff_no: str = STAFF_NO) -> None:
    """Sign a member of the training staff in, as soon as that can be done."""
    qtbot.waitUntil(lambda: flow.opened, timeout=PATIENCE_MS)
    flow.sign_in.submitted.emit(staff_no, training_password(), "3")
    wait_for_screen(flow, qtbot, "workbench")


def wait_for_screen(flow: ClerkFlow, qtbot: QtBot, screen_id: str) -> None:
    """Let the loop run until a screen is shown and no work of the visit is under way."""
    qtbot.waitUntil(lambda: flow.window.screen_id == screen_id and not flow.busy, timeout=PATIENCE_MS)


def submit_loss(flow: ClerkFlow, qtbot: QtBot) -> None:
    """Register a temporary loss for the profile in hand, up to its receipt."""
    flow.service.open("20")
    wait_for_screen(flow, qtbot, "form")
    for screen_id in ("review", "receipt"):
        flow.act("next")
        wait_for_screen(flow, qtbot, screen_id)
    qtbot.waitUntil(lambda: flow.service.printed is not None, timeout=PATIENCE_MS)
