"""The five states, side by side and never merged."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QWidget

from app.catalogue import masks
from app.catalogue.texts import Texts
from app.domain.profile import Profile
from ui.clerk.phrases import day, time_of_day
from ui.theme.apply import scale_in_use
from ui.theme.tokens import GRID, Tone, Type
from ui.tone_table import ToneTable
from ui.widgets.flow import AdaptiveGrid
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import column, surface, word

STATES = ("social", "bank", "production", "person", "register")


class StateRow:
    """`frame` goes into the screen."""

    def __init__(self, texts: Texts, tones: ToneTable) -> None:
        self._texts = texts
        self._tones = tones
        self._states = {name: StatusChip("—", Tone.OFF, Type.HEADING, ground=False) for name in STATES}
        self._facts = {name: word("—", Type.SMALL, muted=True, wrap=True) for name in STATES}
        grid = AdaptiveGrid(round(124 * scale_in_use()), len(STATES), gap=0)
        for name in STATES:
            grid.addWidget(self._cell(name))
        self.frame: QFrame = surface("card", grid)

    def _cell(self, name: str) -> QWidget:
        title = word(self._texts(f"ui.profile.state.{name}"), Type.SMALL, muted=True)
        kind = "plain" if name == STATES[-1] else "cell"
        layout = column(title, self._states[name], self._facts[name], gap=3, margins=(2 * GRID, 11, GRID, 11))
        layout.addStretch(1)
        return surface(kind, layout)

    def set_profile(self, profile: Profile | None) -> None:
        """Show a profile's states; without one, say that nothing was asked."""
        for name in STATES:
            if profile is None:
                self._states[name].set_status(self._texts("ui.profile.not_asked"), Tone.OFF)
                self._facts[name].setText("—")
                continue
            state = str(getattr(profile, name))
            raw = dict(profile.raw_codes).get(name, "—")
            words = self._texts.entries[f"states.{name}.{state}"].format(raw=raw)
            self._states[name].set_status(words, self._tones.of(name, state))
        if profile is not None:
            texts, hide = self._texts, masks.load().hide
            account = f"{profile.bank_name} {hide('account', profile.bank_account)[-6:]}".strip()
            self._facts["social"].setText(
                texts("ui.profile.card_number", number=hide("card_number", profile.card_number))
            )
            self._facts["bank"].setText(account or "—")
            self._facts["production"].setText(texts("ui.profile.issued", day=day(profile.issued)))
            self._facts["person"].setText(texts("ui.profile.compared", time=time_of_day(profile.as_of)))
            self._facts["register"].setText(texts("ui.profile.register", time=time_of_day(profile.as_of)))
