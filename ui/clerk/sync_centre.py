"""同步中心: what waits for the province, what came back, and what a person must settle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.clock import HALL_ZONE
from app.domain.downlink import DownlinkState
from app.domain.operation import DeliveryState, OutboxRow
from app.domain.refusal import Refusal
from app.journal.outbox_values import SampleRow
from app.journal.saga_values import Verdict
from app.services.views import TaskView
from ui.clerk.limit_words import LimitWords
from ui.clerk.phrases import breakable, known, lasting
from ui.theme.tokens import GRID, Tone, Type
from ui.tone_table import ToneTable
from ui.widgets.act_button import ActButton, plain_button
from ui.widgets.banner import Banner
from ui.widgets.card_frame import CardFrame
from ui.widgets.data_table import Cell, data_table, fill
from ui.widgets.flow import FlowLayout
from ui.widgets.masked_label import masked
from ui.widgets.scroll_page import scroll_page
from ui.widgets.state_page import StatePage
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import clear, column, surface, word

COLUMNS = ("operation", "holder", "state")


class SyncCentreScreen(QWidget):
    """Deliveries in a table, and at the right the tasks for a person."""

    retry_wanted = Signal()
    """Try everything that waits, now."""
    task_closed = Signal(str)
    """A person settled the task of this operation."""
    two_wanted = Signal(str, str)
    """Two persons shall settle the task of this operation; the verdict on a saga's question, empty for a delivery."""
    sample_ticked = Signal(object)
    """A person has looked at this SampleRow."""
    retry_one_wanted = Signal(str)
    """Try this operation, now."""
    export_wanted = Signal()
    """Seal everything unsent into a file."""

    def __init__(self, texts: Texts, sentences: Sentences, tones: ToneTable) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._tones = tones
        self._away = False
        self._offline = Banner(Tone.INFO)
        self._limits = Banner(Tone.WARN)
        self._changes = word("", Type.SMALL, muted=True, wrap=True)
        self._rows: tuple[OutboxRow, ...] = ()
        headers = tuple(texts(f"ui.sync.{name}") for name in COLUMNS)
        self.table = data_table(texts("ui.sync.table"), headers, stretch=len(COLUMNS) - 1)
        self._card = card = CardFrame(texts("ui.sync.deliveries"))
        card.add_table(self.table)
        self._retry = ActButton(texts("ui.sync.retry"))
        self._retry.clicked.connect(self.retry_wanted)
        self._retry_one = plain_button(texts("ui.sync.retry_one"))
        self._retry_one.clicked.connect(self._ask_for_chosen)
        self._export = plain_button(texts("ui.sync.export"))
        self._export.clicked.connect(self.export_wanted)
        self.table.itemSelectionChanged.connect(self._show_chosen)
        self.table.itemActivated.connect(self._ask_for_chosen)
        self._copy = StatusChip()
        self._copy.hide()
        head = QWidget()
        acts = FlowLayout(head, gap=GRID)
        acts.addWidget(word(texts("ui.sync.title"), Type.TITLE))
        acts.right_from_here()
        acts.addWidget(self._copy)
        for button in (self._export, self._retry_one, self._retry):
            acts.addWidget(button)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(2 * GRID, 14, 2 * GRID, 14)
        layout.setSpacing(12)
        layout.addWidget(head)
        for widget in (self._limits, self._offline, card.frame, self._changes):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._page = StatePage(scroll_page(content), texts)
        self._page.acted.connect(self.retry_wanted)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._page)
        self._tasks, self._samples = column(gap=12), column(gap=12)
        self._may_settle = True
        self._named: tuple[bool, tuple[tuple[TaskView, str], ...]] | None = None
        self._sampled: tuple[SampleRow, ...] = ()
        self.panel = self._task_panel()

    def _task_panel(self) -> QWidget:
        panel = column(word(self._texts("ui.sync.tasks"), Type.HEADING), gap=12)
        panel.addLayout(self._tasks)
        panel.addLayout(self._samples)
        panel.addStretch(1)
        return surface("plain", panel)

    def set_may_settle(self, may: bool) -> None:
        """Offer settling alone, and sealed export, only to whoever may; call it before the rows are set."""
        self._may_settle = may
        self._export.setVisible(may)

    def set_rows(self, rows: tuple[OutboxRow, ...], tasks: tuple[TaskView, ...], total: int | None = None) -> None:
        """Show deliveries and tasks, and how many deliveries there are in all; with none, say that all is well."""
        total = len(rows) if total is None else total
        key = "ui.sync.count" if total <= len(rows) else "ui.sync.first_of"
        self._card.set_aside(self._texts(key, shown=len(rows), total=total))
        self._rows = rows
        self._show_tasks(tasks, {row.op_id: row.citizen_number or "" for row in rows})
        if not rows:
            texts = self._texts
            words = (texts(f"ui.sync.{name}") for name in ("all_done", "empty", "empty_remedy", "again"))
            self._page.show_empty(*words, Tone.OK)
            return
        self._page.show_content()
        fill(self.table, [self._cells(row) for row in rows])
        self._show_chosen()

    @property
    def chosen(self) -> OutboxRow | None:
        """Return the delivery that is chosen in the table and may be tried again."""
        at = self.table.currentRow()
        row = self._rows[at] if self.table.selectedItems() and 0 <= at < len(self._rows) else None
        return row if row is not None and row.state is DeliveryState.QUEUED else None

    def _show_chosen(self) -> None:
        row = self.chosen
        self._retry_one.setEnabled(row is not None)
        self._retry_one.setAccessibleName(
            self._texts("ui.sync.retry_name", number=row.acceptance_no) if row is not None else ""
        )

    def _ask_for_chosen(self) -> None:
        row = self.chosen
        if row is not None:
            self.retry_one_wanted.emit(row.op_id)

    def set_limits(self, words: LimitWords) -> None:
        """Say of each limit of work without the province where it stands, and what to do."""
        self._limits.show_text("\n".join(words.lines), words.tone)

    def set_changes(self, state: DownlinkState, now: datetime) -> None:
        """Say as of when the province's changes are known here."""
        texts = self._texts
        if state.at is None:
            told = texts("ui.sync.changes_never")
        else:
            ago = lasting(texts, (now - state.at).total_seconds())
            at = state.at.astimezone(HALL_ZONE)
            told = texts("ui.sync.changes", time=f"{at:%m-%d %H:%M}", ago=ago)
        aside = texts("ui.sync.changes_aside", count=state.aside) if state.aside else ""
        self._changes.setText(told + aside)

    def set_offline(self, offline: bool) -> None:
        """Say that the rows wait for the connection."""
        self._away = offline
        self._offline.show_text(self._texts("ui.sync.offline") if offline else "")

    def set_copy(self, text: str, tone: Tone) -> None:
        """Say how far the journal's second place is behind."""
        self._copy.set_status(text, tone)
        self._copy.show()

    def set_loading(self) -> None:
        """Say that the rows are being read."""
        self._page.show_busy(self._texts("ui.sync.loading"))

    def set_problem(self, refusal: Refusal) -> None:
        """Say why the rows cannot be shown."""
        self._page.show_problem(self._sentences.of(refusal), self._texts("ui.sync.again"))

    def focus_first(self) -> None:
        """Put the focus into the table."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _cells(self, row: OutboxRow) -> tuple[Cell, ...]:
        texts = self._texts
        state = [known(texts, "ui.delivery", row.state), self._next_try(row)]
        reason = self._sentences.code(row.reason).text if row.reason else ""
        return (
            _two_lines(known(texts, "services", row.kind), breakable(row.acceptance_no)),
            _two_lines(
                masked("citizen_number", row.citizen_number or ""),
                " · ".join(
                    (
                        texts("ui.sync.ago", time=lasting(texts, row.age_s)),
                        *((texts("ui.sync.clock_doubtful"),) if row.clock_doubtful else ()),
                    )
                ),
            ),
            _two_lines(" · ".join(part for part in state if part), reason, self._tones.of("delivery", row.state)),
        )

    def _next_try(self, row: OutboxRow) -> str:
        if row.state is not DeliveryState.QUEUED:
            return ""
        if self._away:
            return self._texts("ui.sync.when_back")
        if not row.next_try_in_s:
            return self._texts("ui.sync.soon")
        return self._texts("ui.sync.in", time=lasting(self._texts, row.next_try_in_s))

    def _show_tasks(self, tasks: tuple[TaskView, ...], holders: Mapping[str, str]) -> None:
        named = tuple((task, holders.get(task.op_id, "")) for task in tasks)
        # Made anew only when they moved: whoever works by keyboard keeps the focus.
        if (self._may_settle, named) == self._named:
            return
        self._named = self._may_settle, named
        clear(self._tasks)
        for task, holder in named:
            self._tasks.addWidget(self._task(task, holder))
        if not named:
            self._tasks.addWidget(word(self._texts("ui.sync.no_tasks"), muted=True, wrap=True))

    def _task(self, task: TaskView, holder: str) -> QWidget:
        texts = self._texts
        card = CardFrame()
        card.body.addWidget(StatusChip(texts("ui.sync.task"), Tone.ERROR))
        card.body.addWidget(word(known(texts, "services", task.kind), Type.HEADING, wrap=True))
        if holder:
            card.body.addWidget(word(masked("citizen_number", holder)))
        card.body.addWidget(word(breakable(task.acceptance_no), Type.SMALL, muted=True, wrap=True))
        card.body.addWidget(word(task.reason, wrap=True))
        card.body.addWidget(word(texts("ui.sync.next_action", action=task.next_action), wrap=True))
        if task.two_persons_on:
            step = known(texts, "sagas.steps", task.two_persons_on)
            card.body.addWidget(word(texts("ui.sync.two_persons", step=step), strong=True, wrap=True))
        for button in self._ways(task):
            card.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        if task.question is None and not task.two_persons and not self._may_settle:
            card.body.addWidget(word(texts("ui.sync.settled_by"), muted=True, wrap=True))
        return card.frame

    def _ways(self, task: TaskView) -> Iterator[QPushButton]:
        """Yield the buttons that settle a task: what one person may, and what two have to."""
        texts, number = self._texts, task.acceptance_no
        if task.question is not None:
            for verdict in Verdict:
                said = texts(f"settlement.{task.question}.{verdict}")
                name = texts("ui.two.verdict_name", verdict=said, number=number)
                yield _button(said, name, partial(self.two_wanted.emit, task.op_id, verdict.value))
        elif task.two_persons:
            name = texts("ui.two.conflict_name", number=number)
            yield _button(texts("ui.two.conflict"), name, partial(self.two_wanted.emit, task.op_id, ""))
        elif self._may_settle:
            name = texts("ui.sync.settled_name", number=number)
            yield _button(texts("ui.sync.settled"), name, partial(self.task_closed.emit, task.op_id))

    def set_samples(self, samples: tuple[SampleRow, ...]) -> None:
        """Show the commands that another person shall look at; with none, nothing."""
        if samples == self._sampled:
            return
        self._sampled = samples
        clear(self._samples)
        texts = self._texts
        if samples:
            self._samples.addWidget(word(texts("ui.sample.title"), Type.HEADING))
        for sample in samples:
            card = CardFrame()
            number = sample.acceptance_no or sample.op_id
            service = known(texts, "services", sample.kind or sample.command)
            at = sample.at.astimezone(HALL_ZONE).strftime("%m-%d %H:%M")
            card.body.addWidget(word(service, Type.HEADING, wrap=True))
            card.body.addWidget(word(breakable(number), Type.SMALL, muted=True, wrap=True))
            card.body.addWidget(word(texts("ui.sample.by", staff_no=sample.staff_no, at=at), wrap=True))
            name = texts("ui.sample.tick_name", number=number)
            button = _button(texts("ui.sample.tick"), name, partial(self.sample_ticked.emit, sample))
            card.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self._samples.addWidget(card.frame)


def _button(text: str, name: str, act: Callable[[], None]) -> QPushButton:
    button = plain_button(text)
    button.setAccessibleName(name)
    button.clicked.connect(lambda _checked=False: act())
    return button


def _two_lines(first: str, second: str, tone: Tone | None = None) -> Cell:
    return Cell("\n".join(part for part in (first, second) if part), tone)
