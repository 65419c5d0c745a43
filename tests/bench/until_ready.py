"""The program's own counter in training, and what is asked of it the moment its sign-in can be used.

`modules` names every module that is loaded by then and ends hard, so that nothing later counts. `workbench` signs in at
once and says `ready SECONDS` (monotonic) when the workbench is shown.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.services.settings import Settings
    from ui.clerk.face import Face
    from ui.clerk.flow import ClerkFlow


def main(asked: str, folder: str) -> int:
    """Run the counter of a data folder until it is ended."""
    from app.verbs.entry import main as run

    def counter(namespace: argparse.Namespace) -> int:
        # As `ui/__main__.py` does.
        gc.disable()
        from ui.clerk import face

        # This module says when.
        os.environ.pop(face.READY_VARIABLE, None)

        open_as_ever = face.open_face

        def open_face(app: QApplication, settings: Settings) -> Face:
            opened = open_as_ever(app, settings)
            opened.flow.ready.connect(lambda: (_name_modules if asked == "modules" else _sign_in)(opened.flow))
            return opened

        face.open_face = open_face
        return face.run(namespace)

    return run(["counter", "--training", "--data", folder], {"counter": counter})


def _name_modules(_flow: ClerkFlow) -> None:
    sys.stdout.write(" ".join(sorted(sys.modules)) + "\n")
    sys.stdout.flush()
    os._exit(0)


def _sign_in(flow: ClerkFlow) -> None:
    from PySide6.QtCore import QTimer

    from app.catalogue import training_staff

    looks = QTimer(flow, interval=1)

    def look() -> None:
        if flow.window.screen_id == "workbench":
            looks.stop()
            sys.stdout.write(f"ready {time.monotonic():.6f}\n")
            sys.stdout.flush()

    staff = training_staff.load()
    flow.sign_in.submitted.emit(staff.people[0].staff_no, staff.password, "1")
    looks.timeout.connect(look)
    looks.start()


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
