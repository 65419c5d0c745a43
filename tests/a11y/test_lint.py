"""Every screen, in every state, light and high contrast, at 100 % and 200 %, without one finding."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from ui.a11y.lint import lint
from ui.clerk.counter_window import LEAST_SIZE
from ui.screens import SCREENS, NoState, ScreenState
from ui.theme.apply import apply_theme

LOOKS = [("light", 1.0), ("light", 2.0), ("high", 1.0), ("high", 2.0)]


@pytest.mark.parametrize(("contrast", "scale"), LOOKS, ids=lambda value: str(value))
def test_no_screen_has_a_finding(qtbot, qapp, texts, sentences, contrast: str, scale: float) -> None:
    apply_theme(qapp, scale=scale, contrast=contrast)
    found: list[str] = []
    seen = 0
    for entry in SCREENS:
        for state, factory in entry.states.items():
            if isinstance(factory, NoState):
                continue
            window = factory(texts, sentences)
            window.resize(*LEAST_SIZE)
            window.show()
            qtbot.waitExposed(window)
            for _ in range(3):
                qapp.processEvents()
            if (window.width(), window.height()) != LEAST_SIZE:
                found.append(f"{entry.id} {state}: grew to {window.width()}x{window.height()}")
            found += [f"{entry.id} {state}: {finding}" for finding in lint(window)]
            seen += 1
            window.close()
            window.deleteLater()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert seen >= 40
    assert not found, "\n" + "\n".join(found)


def test_every_screen_says_of_every_state_what_it_shows_or_why_not() -> None:
    assert len({entry.id for entry in SCREENS}) == len(SCREENS)
    for entry in SCREENS:
        assert set(entry.states) == set(ScreenState), entry.id
        assert isinstance(entry.states[ScreenState.READY], type(lambda: None)), entry.id
        for factory in entry.states.values():
            assert not isinstance(factory, NoState) or len(factory.reason) > 10
