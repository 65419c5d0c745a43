"""The right side while a service is being done: the steps, the one action, and who it is for."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.catalogue.texts import Texts
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.act_button import ActButton
from ui.widgets.card_frame import CardFrame
from ui.widgets.masked_label import MaskedLabel
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import column, row, surface, word


class Step(IntEnum):
    """Where in a service the clerk is."""

    FORM = 0
    REVIEW = 1
    RECEIPT = 2


class VisitPanel(QFrame):
    """Shows the way through a service; its button does what F9 does."""

    acted = Signal()

    def __init__(self, texts: Texts, step: Step) -> None:
        super().__init__()
        self._texts = texts
        self._title = word("", Type.HEADING, wrap=True)
        self._about = word("", Type.SMALL, muted=True, wrap=True)
        self.button = ActButton("")
        self.button.clicked.connect(self.acted)
        box = column(
            word(texts("ui.visit.now"), Type.SMALL, muted=True),
            self._title,
            self._about,
            gap=4,
            margins=(14, 12, 14, 14),
        )
        box.addSpacing(4)
        box.addWidget(self.button)
        steps = CardFrame(texts("ui.visit.steps"))
        for each in Step:
            steps.body.addWidget(self._step(each, step))
        self._who = CardFrame(texts("ui.visit.holder"), gap=4)
        self._name = word("", Type.HEADING, wrap=True)
        self.number = MaskedLabel("", Type.BODY, texts("ui.profile.reveal_hint"))
        self._who.body.addWidget(self._name)
        self._who.body.addWidget(self.number)
        self._who.frame.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        self._action = surface("suggested", box)
        self._action.hide()
        layout.addWidget(self._action)
        layout.addWidget(steps.frame)
        layout.addWidget(self._who.frame)
        layout.addStretch(1)

    def _step(self, each: Step, now: Step) -> QFrame:
        if each < now:
            chip = StatusChip(self._texts("ui.visit.done"), Tone.OK)
        elif each is now:
            chip = StatusChip(self._texts("ui.visit.doing"), Tone.INFO)
        else:
            chip = StatusChip(self._texts("ui.visit.to_come"), Tone.OFF)
        name = self._texts(f"ui.visit.step.{each.name.lower()}")
        line = row(word(f"{each + 1}  {name}", strong=each is now), gap=GRID, margins=(0, 2, 0, 2))
        line.addStretch(1)
        line.addWidget(chip, 0, Qt.AlignmentFlag.AlignRight)
        return surface("plain", line)

    def set_action(self, title: str, about: str, button: str) -> None:
        """Say what is done now and what the button does."""
        self._title.setText(title)
        self._about.setText(about)
        self._about.setVisible(bool(about))
        self.button.setText(button)
        self._action.show()

    def clear_action(self) -> None:
        """Offer nothing to do now."""
        self._action.hide()

    def set_holder(self, name: str, number: str) -> None:
        """Say for whom; the number is masked."""
        self._who.frame.setVisible(bool(name or number))
        self._name.setText(name)
        self.number.set_number(number)

    def set_busy(self, busy: bool) -> None:
        """Take no second press while the first is under way."""
        self.button.setEnabled(not busy)
