"""Garbage with widgets in it is collected on the GUI thread, and by no other."""

from __future__ import annotations

import gc
import threading

from PySide6.QtWidgets import QWidget

from ui.gui_garbage import GuiGarbage, collect_what_is_due


class Ring:
    """Something that only a collection frees."""

    def __init__(self, freed: list[int]) -> None:
        self.widget = QWidget()
        self.itself = self
        self._freed = freed

    def __del__(self) -> None:
        self._freed.append(threading.get_ident())


def test_only_the_gui_thread_collects(qapp):
    gc.collect()
    freed: list[int] = []
    garbage = GuiGarbage()
    assert not gc.isenabled()
    Ring(freed)
    busy = threading.Thread(target=lambda: [[object()] for _ in range(100_000)])
    busy.start()
    busy.join()
    kept = [[] for _ in range(gc.get_threshold()[0] + 1)]
    assert freed == []
    collect_what_is_due()
    assert freed == [threading.get_ident()]
    assert kept
    garbage.deleteLater()


def test_what_is_not_due_is_left_alone(qapp):
    gc.collect()
    freed: list[int] = []
    Ring(freed)
    collect_what_is_due()
    assert freed == []
    gc.collect()
    assert freed == [threading.get_ident()]
