"""Who it is and how that was proved: the first card of a profile."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.catalogue import ecard, regions
from app.catalogue.texts import Texts
from app.domain.identity import CardProof, Proof
from app.services.views import VisitView
from ui.clerk.phrases import age, day, known, region, time_of_day
from ui.theme.apply import scale_in_use
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.flow import AdaptiveGrid, FlowLayout
from ui.widgets.masked_label import MaskedLabel
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import surface, word


class ProfileHead:
    """`frame` goes into the screen; the number is masked until `set_revealed`."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._regions = regions.load()
        self._items = ecard.load().items
        self._name = word("", Type.TITLE, wrap=True)
        self._about = word("", muted=True, wrap=True)
        self.number = MaskedLabel("", Type.HEADING, texts("ui.profile.reveal_hint"))
        self._hint = word(texts("ui.profile.reveal_hint"), Type.SMALL, muted=True)
        self._proofs = {kind: StatusChip("", Tone.OFF) for kind in ("name", "person", "card")}
        self._alert = StatusChip("", Tone.WARN)
        self._facts = word("", Type.SMALL, muted=True, wrap=True)
        self._facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.frame: QFrame = surface("card", self._layout())

    def _layout(self) -> AdaptiveGrid:
        title = FlowLayout(gap=10)
        title.addWidget(self._name)
        title.addWidget(self._about)
        number = FlowLayout(gap=12)
        number.addWidget(self.number)
        number.addWidget(self._hint)
        proofs = FlowLayout(gap=6)
        for chip in (*self._proofs.values(), self._alert):
            proofs.addWidget(chip)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.setContentsMargins(0, 0, 0, 0)
        for line in (title, number, proofs):
            left.addLayout(line)
        who = QWidget()
        who.setLayout(left)
        layout = AdaptiveGrid(round(250 * scale_in_use()), 2, gap=2 * GRID, weights=(5, 1))
        layout.setContentsMargins(2 * GRID, 14, 2 * GRID, 14)
        layout.addWidget(who)
        layout.addWidget(self._facts)
        return layout

    def set_visit(self, visit: VisitView) -> None:
        """Show a visit's holder; the number is masked again."""
        identity, profile, texts = visit.identity, visit.profile, self._texts
        self._name.setText(identity.name or (profile.name if profile else "") or texts("ui.profile.no_name"))
        self.number.set_number(identity.citizen_number or (profile.citizen_number if profile else "") or "")
        self._hint.setVisible(bool(self.number.text()))
        about = []
        facts = [texts("ui.profile.issued_in", region=region(texts, self._regions, identity.region))]
        if profile is not None:
            about = [known(texts, "ui.sex", profile.sex), known(texts, "ui.nation", profile.nation)]
            if profile.birth_date is not None:
                years = age(profile.birth_date, profile.as_of.date())
                about += [day(profile.birth_date), texts("ui.profile.age", years=years)]
            facts.append(texts("ui.profile.expires", day=day(profile.expires)))
            key = "ui.profile.cached" if visit.offline else "ui.profile.as_of"
            facts.append(texts(key, time=time_of_day(profile.as_of)))
        if visit.ecard is not None:
            given = visit.ecard
            items = "、".join(self._items.get(item, item) for item in given.items)
            facts.append(
                texts("ui.profile.authorised", number=given.number, items=items, time=time_of_day(given.valid_until))
            )
        self._about.setText(" · ".join(part for part in about if part))
        self._facts.setText("\n".join(facts))
        self._show_proof("name", identity.name_proof)
        self._show_proof("person", identity.person_proof)
        self._show_card(identity.card_proof)
        self._alert.setVisible(profile is not None and profile.replacement_open)
        self._alert.set_status(texts("ui.profile.replacement_open"), Tone.WARN)

    def clear(self) -> None:
        """Forget the holder."""
        for label in (self._name, self._about, self._facts):
            label.setText("")
        self.number.set_number("")

    def set_revealed(self, revealed: bool) -> None:
        """Show the number in clear while the key is held."""
        self.number.set_revealed(revealed)

    def _show_proof(self, kind: str, proof: Proof) -> None:
        tone = Tone.WARN if proof is Proof.NONE else Tone.OK
        self._proofs[kind].set_status(self._texts(f"ui.proof.{kind}.{proof}"), tone)

    def _show_card(self, proof: CardProof) -> None:
        if proof.complete:
            state, tone = "complete", Tone.OK
        elif proof.authenticated:
            state, tone = "not_usable" if proof.done else "not_checked", Tone.WARN
        else:
            state, tone = "none", Tone.WARN
        self._proofs["card"].set_status(self._texts(f"ui.proof.card.{state}"), tone)
