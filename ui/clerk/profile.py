"""持卡人档案: who, how proved, five states, what is known, and at the right what may be done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.catalogue import regions
from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.clock import HALL_ZONE
from app.domain.downlink import CardState
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.services.card_faults import undecodable
from app.services.views import VisitView
from ui.clerk.phrases import breakable, known, month, region, time_of_day
from ui.clerk.profile_head import ProfileHead
from ui.clerk.service_panel import ServicePanel
from ui.clerk.state_row import StateRow
from ui.theme.apply import scale_in_use
from ui.theme.tokens import GRID, Tone
from ui.tone_table import ToneTable
from ui.widgets.banner import Banner
from ui.widgets.card_frame import CardFrame
from ui.widgets.data_table import Cell, data_table, fill
from ui.widgets.flow import AdaptiveGrid
from ui.widgets.scroll_page import scroll_page
from ui.widgets.state_page import StatePage
from ui.widgets.words import clear, column, row, surface, word


class ProfileScreen(QWidget):
    """Shows one visit; `panel` is what stands at the right."""

    service_chosen = Signal(str)
    """The code of a service that may start."""
    retry_wanted = Signal()
    """Read the card or ask the province again."""
    reveal_wanted = Signal(bool)
    """The number is held with the mouse, or let go."""

    def __init__(self, texts: Texts, sentences: Sentences, tones: ToneTable) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._tones = tones
        self._regions = regions.load()
        self._notice = Banner(Tone.WARN)
        self._head = ProfileHead(texts)
        self._states = StateRow(texts, tones)
        self.services = ServicePanel(texts, sentences)
        self.panel: QWidget = self.services
        self.services.chosen.connect(self.service_chosen)
        self._head.number.reveal_wanted.connect(self.reveal_wanted)
        self._insurance = CardFrame(texts("ui.profile.insurance"))
        headers = tuple(texts(f"ui.profile.insurance_{name}") for name in ("kind", "state", "region", "since"))
        self._table = data_table(texts("ui.profile.insurance"), headers)
        self._no_insurance = word("", muted=True, wrap=True)
        self._insurance.add_table(self._table)
        self._insurance.body.addWidget(self._no_insurance)
        self._insurance.body.addStretch(1)
        self._notes_card = CardFrame(texts("ui.profile.notes"))
        self._notes = column(gap=0)
        self._notes_card.body.addLayout(self._notes)
        self._notes_card.body.addStretch(1)
        self._page = StatePage(scroll_page(self._content()), texts)
        self._page.acted.connect(self.retry_wanted)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._page)

    def _content(self) -> QWidget:
        cards = AdaptiveGrid(round(330 * scale_in_use()), 2, weights=(5, 4))
        cards.addWidget(self._insurance.frame)
        cards.addWidget(self._notes_card.frame)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(2 * GRID, 14, 2 * GRID, 14)
        layout.setSpacing(12)
        for widget in (self._notice, self._head.frame, self._states.frame):
            layout.addWidget(widget)
        layout.addLayout(cards, 1)
        return content

    def set_visit(self, visit: VisitView) -> None:
        """Show a visit; the number is masked."""
        self._page.show_content()
        self._notice.show_text(self._of_the_data(visit))
        self._head.set_visit(visit)
        self._states.set_profile(visit.profile)
        self.services.set_visit(visit)
        self._show_insurance(visit.profile)
        self._show_notes(visit)

    @property
    def notice(self) -> str:
        """Return what is said of how far the data can be trusted, or nothing."""
        return self._notice.text

    def set_revealed(self, revealed: bool) -> None:
        """Show the number in clear while its key is held."""
        self._head.set_revealed(revealed)

    def set_loading(self, what: str = "") -> None:
        """Say what is being read or asked."""
        self.services.set_services((), None)
        self._page.show_busy(what or self._texts("ui.profile.loading"))

    def set_empty(self) -> None:
        """Say that there is no holder yet."""
        texts = self._texts
        self.services.set_services((), None)
        self._page.show_empty(
            texts("ui.state.empty"),
            texts("ui.profile.empty"),
            texts("ui.profile.empty_remedy"),
            texts("ui.profile.read"),
        )

    def set_problem(self, refusal: Refusal) -> None:
        """Say why there is no profile."""
        self.services.set_services((), None)
        self._page.show_problem(self._sentences.of(refusal), self._texts("ui.profile.read_again"))

    def forget(self) -> None:
        """Show nothing of anybody any more."""
        self._head.clear()
        self._states.set_profile(None)
        self._show_insurance(None)
        clear(self._notes)
        self._notice.show_text("")
        self.set_empty()

    def _of_the_data(self, visit: VisitView) -> str:
        """Say how far what is shown can be trusted; why the province is away stands at the top of the window."""
        garbled = undecodable(visit.undecodable, self._texts)
        return self._said(garbled) + self._of_the_province(visit)

    def _said(self, refusal: Refusal | None) -> str:
        sentence = self._sentences.of(refusal) if refusal is not None else None
        return f"{sentence.text}{sentence.remedy}" if sentence is not None else ""

    def _of_the_province(self, visit: VisitView) -> str:
        if visit.offline:
            if visit.profile is None:
                return self._texts("ui.profile.only_card") + self._known(visit.known)
            checked = visit.identity.card_proof.checked
            return self._texts("ui.profile.kept_checked" if checked else "ui.profile.kept")
        return self._said(visit.problem)

    def _known(self, card: CardState | None) -> str:
        """Say what the province told of the card last."""
        if card is None:
            return ""
        state = known(self._texts, "states.social", card.social)
        return self._texts("ui.profile.known", state=state, time=f"{card.as_of.astimezone(HALL_ZONE):%m-%d %H:%M}")

    def focus_first(self) -> None:
        """Put the focus on what is suggested."""
        self.services.focus_first()

    def _show_insurance(self, profile: Profile | None) -> None:
        insurances = profile.insurances if profile is not None else ()
        texts = self._texts
        self._table.setVisible(bool(insurances))
        self._no_insurance.setVisible(not insurances)
        self._no_insurance.setText(texts("ui.profile.no_insurance" if profile is not None else "ui.profile.not_asked"))
        self._insurance.set_aside(
            texts("ui.profile.province_at", time=time_of_day(profile.as_of)) if profile is not None else ""
        )
        fill(
            self._table,
            [
                (
                    Cell(known(texts, "ui.insurance_kind", item.kind)),
                    Cell(texts("ui.profile.no_data"))
                    if item.state is None
                    else Cell(known(texts, "ui.insurance_state", item.state), self._tones.of("insurance", item.state)),
                    Cell(region(texts, self._regions, item.region or "")),
                    Cell(month(item.since)),
                )
                for item in insurances
            ],
        )

    def _show_notes(self, visit: VisitView) -> None:
        profile = visit.profile
        clear(self._notes)
        for waits in visit.waiting:
            said = self._texts(
                "ui.profile.waiting",
                service=self._texts(f"services.{waits.kind}"),
                number=breakable(waits.acceptance_no),
            )
            self._notes.addWidget(surface("row", row(word(said, wrap=True), margins=(0, 6, 0, 7))))
        self._notes_card.set_aside(self._texts("ui.profile.province") if profile is not None else "")
        for note in profile.notes if profile is not None else ():
            self._notes.addWidget(surface("row", row(word(note, wrap=True), margins=(0, 6, 0, 7))))
        if self._notes.isEmpty():
            key = "ui.profile.no_notes" if profile is not None else "ui.profile.not_asked"
            self._notes.addWidget(word(self._texts(key), muted=True, wrap=True))
