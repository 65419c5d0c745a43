"""`python -m ui.screens_shots --out DIR`: a picture of every screen in every state."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.catalogue import sentences as sentence_table
from app.catalogue import texts as text_table
from ui.clerk.counter_window import LEAST_SIZE
from ui.screens import SCREENS, NoState
from ui.theme.apply import apply_theme
from ui.theme.tokens import Contrast


def shoot(
    out: Path,
    app: QApplication,
    language: str,
    scale: float,
    contrast: str,
    only: Sequence[str],
    size: tuple[int, int] = LEAST_SIZE,
) -> list[Path]:
    """Write one PNG per screen and state, of all screens or of those named; returns the files."""
    out.mkdir(parents=True, exist_ok=True)
    apply_theme(app, scale, contrast)
    texts, sentences = text_table.load(language), sentence_table.load(language)
    files = []
    for entry in SCREENS:
        for state, factory in entry.states.items():
            if isinstance(factory, NoState) or (only and entry.id not in only):
                continue
            window = factory(texts, sentences)
            window.resize(*size)
            window.show()
            window.activateWindow()
            QTest.qWaitForWindowActive(window, 1000)
            settle(app)
            file = out / f"{entry.id}-{state}-{contrast}-{round(scale * 100)}.png"
            window.grab().save(str(file))
            window.close()
            window.deleteLater()
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            files.append(file)
    return files


def settle(app: QApplication) -> None:
    """Let every layout that was asked for be done: one may ask for another."""
    for _ in range(5):
        app.sendPostedEvents()
        app.processEvents()


def main(arguments: Sequence[str] | None = None) -> int:
    """Take all pictures of one look."""
    parser = argparse.ArgumentParser(
        prog="python -m ui.screens_shots", description="pictures of every screen and state"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")
    parser.add_argument("--scale", type=float, default=1.0, help="text size, 1.0 to 2.0")
    parser.add_argument("--contrast", choices=[str(each) for each in Contrast], default=str(Contrast.LIGHT))
    parser.add_argument("--language", default=text_table.DEFAULT_LANGUAGE)
    parser.add_argument("--only", nargs="*", default=(), choices=[entry.id for entry in SCREENS], metavar="SCREEN")
    parser.add_argument("--size", default="x".join(map(str, LEAST_SIZE)), metavar="WxH", help="of the window, in px")
    chosen = parser.parse_args(arguments)
    width, height = map(int, chosen.size.split("x"))
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    shoot(chosen.out, app, chosen.language, chosen.scale, chosen.contrast, chosen.only, (width, height))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
