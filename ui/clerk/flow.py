"""What follows what at a window: screens ask, the visit's thread works, the next screen shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.catalogue import training_staff
from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.actor import Actor
from app.domain.clock import HALL_ZONE
from app.domain.identity import Proof
from app.domain.refusal import Refusal
from app.domain.work_limits import Standing
from app.hall.groups import load_groups
from app.journal.outbox_values import OutboxSummary
from app.services.events import (
    CameraMoved,
    CopyMoved,
    DeliverySettled,
    Event,
    EventBus,
    LimitsMoved,
    LookEnded,
    OutboxChanged,
    PrinterChanged,
    PrintMoved,
    ProvinceChanged,
    QueueChanged,
    ReaderChanged,
    SagaMoved,
    ScannerChanged,
    StopTold,
    Trouble,
)
from app.services.scanning import Scanning
from app.services.settings import Settings
from hardware.ports import ReaderState
from hardware.scanners.line_state import LineState
from hardware.scanners.scan_router import ScanRouter
from ui.bridge import Bridge
from ui.clerk.copy_words import copy_words
from ui.clerk.counter_window import CounterWindow
from ui.clerk.device_words import DeviceWords
from ui.clerk.late_screens import LateScreens
from ui.clerk.limit_words import limit_words
from ui.clerk.phrases import number_given
from ui.clerk.sign_in import SignInScreen
from ui.clerk.stop_words import stop_words
from ui.key_table import Action, KeyRow
from ui.theme.apply import load_rare_font
from ui.theme.tokens import Tone
from ui.tone_table import ToneTable

if TYPE_CHECKING:
    from app.services.counter import Counter
    from app.services.views import QueueView, TicketView, VisitView
    from ui.clerk.service_run import ServiceRun

T = TypeVar("T")
QUEUE_POLL_MS = 2000


_ENDS = frozenset({Action.FINISH, Action.NO_SHOW, Action.SIGN_OUT})
"""What ends a visit, also while the province is being asked about it."""


class ClerkFlow(QObject):
    """Owns the window and its screens, and is the only one that asks the visit desk."""

    ready = Signal()
    """Sign-in can be used."""

    def __init__(
        self,
        settings: Settings,
        bus: EventBus,
        bridge: Bridge,
        texts: Texts,
        sentences: Sentences,
        keys: tuple[KeyRow, ...],
        tones: ToneTable,
        router: ScanRouter,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._bus = bus
        self._bridge = bridge
        self._texts = texts
        self._sentences = sentences
        self._counter: Counter | None = None
        self._made: Counter | None = None
        self._actor: Actor | None = None
        self._pending = 0
        self._devices = DeviceWords(texts)
        self._scanning = Scanning(settings, router, bus.publish)
        groups = tuple((group.letter, texts(group.title)) for group in load_groups())
        self.window = CounterWindow(texts, keys, groups)
        self.sign_in = SignInScreen(texts, sentences)
        self.screens = LateScreens(self, bridge, texts, sentences, keys, tones, self._scanning)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)
        self._queue_poll = QTimer(self, interval=QUEUE_POLL_MS)
        self._queue_poll.timeout.connect(self._look_again)
        self._connect()
        self._show_sign_in()

    @property
    def service(self) -> ServiceRun:
        """Return the form, the review and the receipt."""
        return self.screens.service

    @property
    def counter(self) -> Counter:
        """Return the open counter."""
        assert self._counter is not None
        return self._counter

    @property
    def opened(self) -> bool:
        """Tell whether the counter is open."""
        return self._counter is not None

    @property
    def busy(self) -> bool:
        """Tell whether work of the visit is under way."""
        return self._bridge.busy

    @property
    def pending(self) -> int:
        """Return how many operations the window shows as waiting."""
        return self._pending

    @property
    def card_ready(self) -> bool:
        """Tell whether the reader's light says that one of our cards is in."""
        return self._devices.reader is not None and self._devices.reader.state is ReaderState.READY

    def refused_code(self, code: str) -> str | None:
        """Return the code of why a service of the visit in hand may not start."""
        visit = self.counter.desk.in_hand.visit
        found = [service.refusal for service in visit.services if service.code == code] if visit is not None else []
        return found[0].code if found and found[0] is not None else None

    def close(self) -> None:
        """Close the window and the counter; work under way ends first."""
        self._clock.stop()
        self._queue_poll.stop()
        if self._made is not None:
            self._made.close()
        self._scanning.close()
        self._counter, self._made = None, None
        self.window.close()
        self.window.deleteLater()

    def open_counter(self) -> None:
        """Open journal, hall, province and devices behind the sign-in."""
        self._bridge.listen(self._bus)
        self._bridge.run(self._opened_counter, self._on_counter)

    def _opened_counter(self) -> Counter | Refusal:
        # Half of all modules, SQLAlchemy among them, load here while the sign-in is being painted.
        from app.services.counter import open_counter

        opened = open_counter(self._settings, self._bus, ask_province=False)
        # Kept here too: a window that is closed meanwhile is never told of it.
        self._made = None if isinstance(opened, Refusal) else opened
        return opened

    def _on_counter(self, opened: Counter | Refusal) -> None:
        if isinstance(opened, Refusal):
            self.sign_in.set_shut()
            self.window.set_message(self._sentences.of(opened))
            return
        self._counter = opened
        self.sign_in.set_busy(False)
        self.sign_in.focus_first()
        self._bridge.run_aside(opened.summary, self._show_summary)
        self.ready.emit()
        self._bridge.run_in_turn(lambda: opened.desk)
        self._bridge.run_aside(self._scanning.open, lambda _none: None)
        self._bridge.run_aside(lambda: self._sentences.entries, lambda _read: None)
        QTimer.singleShot(0, load_rare_font)
        self.screens.make_in_turn()

    def _show_summary(self, summary: OutboxSummary) -> None:
        self._pending = summary.pending
        self.window.set_outbox(summary.pending, summary.oldest_age_s, summary.tasks)

    def _connect(self) -> None:
        self.window.triggered.connect(self.act)
        self.window.reveal_held.connect(self.screens.set_revealed)
        self.sign_in.submitted.connect(self._sign_in)
        self._bridge.event.connect(self._on_event)
        self._bridge.refused.connect(self.say)
        self._clock.start()

    def act(self, action: str) -> None:
        """Do what a key or a button asks; nothing is started twice while work is under way."""
        quiet: dict[str, Callable[[], None]] = {
            Action.HELP: self._help,
            Action.BACK: self._back,
            Action.LOCK: self._lock,
            Action.SYNC_CENTRE: lambda: self.screens.sync.open(),
            Action.PALETTE: self._palette,
            Action.SECOND_PERSON: self._second_person,
            Action.SCAN: lambda: self.screens.scan.start(),
        }
        working: dict[str, Callable[[], None]] = {
            Action.NEXT: self._next,
            Action.READ_CARD: self.read_card,
            Action.READ_ID: lambda: self._identify(self.counter.desk.identify_by_id),
            Action.CALL_NEXT: self._call_next,
            Action.ISSUE_NUMBER: self._issue_number,
            Action.RECALL: self._recall,
            Action.NO_SHOW: self._no_show,
            Action.FINISH: self._finish,
            Action.REFRESH: self._refresh,
            Action.PRINT: lambda: self.screens.service.print(),
            Action.SIGN_OUT: self._sign_out,
        }
        if action in quiet:
            quiet[action]()
        elif action in working and (not self._bridge.busy or (action in _ENDS and self.counter.give_up_calls())):
            working[action]()

    def say(self, refusal: Refusal | None, tone: Tone = Tone.ERROR) -> None:
        """Show a sentence above the work, or take it away."""
        self.window.set_message(self._sentences.of(refusal) if refusal is not None else None, tone)

    def ask(self, work: Callable[[], T | Refusal], done: Callable[[T], None]) -> None:
        """Run work on the visit's thread; a refusal is said, anything else goes on."""
        self.say(None)

        def arrived(result: T | Refusal) -> None:
            if isinstance(result, Refusal):
                self.say(result)
            else:
                done(result)

        self._bridge.run(work, arrived)

    def show_profile(self) -> None:
        """Show the visit in hand, or the workbench when there is none."""
        visit = self.counter.desk.in_hand.visit
        if visit is None:
            self.show_workbench()
            return
        self.screens.profile.set_visit(visit)
        self.screens.palette.set_services(visit.services)
        self.window.show_screen("profile", self.screens.profile, self.screens.profile.panel)
        self.screens.profile.focus_first()

    def put_aside(self, refusal: Refusal) -> None:
        """Say why nothing more is done for whoever was served, and show nothing of them."""
        self._forget()
        self.screens.profile.set_problem(refusal)
        self.window.show_screen("profile", self.screens.profile, self.screens.profile.panel)

    def show_workbench(self) -> None:
        """Show the place between people."""
        self.screens.profile.forget()
        self.window.show_screen("workbench", self.screens.workbench, self.screens.workbench.panel)
        self.refresh_queue()
        self.screens.workbench.focus_first()

    def focus_work(self) -> None:
        """Put the focus back into the work, after a panel beside it went away."""
        screen = self.screens.profile if self.window.screen_id == "profile" else self.screens.workbench
        screen.focus_first()

    def refresh_queue(self) -> None:
        """Ask the hall for the queue again, beside whatever is under way."""
        if self._actor is not None:
            self._bridge.run_aside(self.counter.desk.queue, self._on_queue)

    def refresh_summary(self) -> None:
        """Count again what waits for the province and for people; nobody tells of its growing older."""
        if self._actor is not None:
            self._bridge.run_aside(self.counter.summary, self._show_summary)

    def _look_again(self) -> None:
        self.refresh_queue()
        self.refresh_summary()

    def _on_queue(self, queue: QueueView | Refusal) -> None:
        if not isinstance(queue, Refusal):
            self.window.set_queue(queue)
            self.screens.workbench.set_queue(queue)
        elif self.window.screen_id == "workbench":
            self.screens.workbench.set_problem(queue)

    def _show_sign_in(self) -> None:
        self.window.set_hall(self._settings.hall_name or self._texts("start.training_hall"), self._settings.window)
        self.window.set_training(self._settings.training)
        if self._settings.training:
            staff = training_staff.load()
            self.sign_in.set_training(staff.people[0].staff_no, staff.password)
        self.window.set_actor("", "", "")
        windows = tuple(dict.fromkeys((self._settings.window, *map(str, range(1, 10)))))
        self.sign_in.set_windows(windows, self._settings.window)
        if self._counter is None:
            self.sign_in.set_opening()
        else:
            self.sign_in.set_busy(False)
        self.window.show_screen("sign_in", self.sign_in)
        self._show_devices()
        self.sign_in.focus_first()

    def _sign_in(self, staff_no: str, password: str, window: str) -> None:
        if self._counter is None or self._bridge.busy:
            return
        self.sign_in.set_busy(True)
        counter = self.counter

        def work() -> Actor | Refusal:
            # What may be done at the window hangs on whether the province is there.
            counter.line.contact.wait_asked()
            return counter.desk.sign_in(staff_no, password, window)

        self._bridge.run(work, self._on_signed_in)

    def _on_signed_in(self, actor: Actor | Refusal) -> None:
        if isinstance(actor, Refusal):
            self.sign_in.set_problem(actor)
            return
        self._actor = actor
        self.sign_in.set_busy(False)
        self.sign_in.clear_password()
        self.window.set_actor(actor.name, " ".join(self._texts(title) for title in actor.titles), actor.staff_no)
        self.window.set_hall(self._settings.hall_name or self._texts("start.training_hall"), actor.window)
        self._queue_poll.start()
        self.say(None)
        self.show_workbench()

    def _sign_out(self) -> None:
        self._queue_poll.stop()
        self._actor = None

        def signed_out(_none: Refusal | None) -> None:
            self._forget()
            self._show_sign_in()

        self._bridge.run(self.counter.desk.sign_out, signed_out)

    def _forget(self) -> None:
        """Leave nothing of a holder in any screen."""
        self.say(None)
        self.service.forget()
        self.screens.profile.forget()
        self.screens.palette.set_services(())

    def _call_next(self) -> None:
        self.ask(self.counter.desk.call_next, lambda _ticket: self.refresh_queue())

    def _issue_number(self) -> None:
        def given(ticket: TicketView) -> None:
            tone = Tone.OK if ticket.problem is None else Tone.WARN
            self.window.set_message(number_given(self._texts, self._sentences, ticket), tone)
            self.refresh_queue()

        self.ask(lambda: self.counter.desk.issue_number(load_groups()[0].letter), given)

    def _recall(self) -> None:
        self.ask(self.counter.desk.recall, lambda _ticket: self.refresh_queue())

    def _no_show(self) -> None:
        self._end(no_show=True)

    def _finish(self) -> None:
        self._end(no_show=False)

    def _end(self, no_show: bool) -> None:
        def ended(refusal: Refusal | None) -> None:
            if refusal is None:
                self._forget()
                self.show_workbench()
            else:
                self.say(refusal)

        self.say(None)
        self._bridge.run(lambda: self.counter.desk.finish(no_show), ended)

    def read_card(self) -> None:
        """Read the card in the reader and show whose it is."""
        self._identify(self.counter.desk.identify)

    def open_by_code(self, code: str) -> None:
        """Open the visit of an e-card's holder; where something is filled in or signed, no code is taken."""
        if self._actor is None or self.window.screen_id not in ("workbench", "profile"):
            self.say(Refusal("SCAN-NOT-HERE"))
        else:
            self._identify(lambda: self.counter.desk.identify_by_ecard(code))

    def _identify(self, identify: Callable[[], VisitView | Refusal]) -> None:
        self.say(None)
        self.screens.profile.set_loading()
        self.window.show_screen("profile", self.screens.profile, self.screens.profile.panel)
        self._bridge.run(identify, self._on_visit)

    def _on_visit(self, visit: VisitView | Refusal) -> None:
        if isinstance(visit, Refusal):
            self.screens.profile.set_problem(visit)
            return
        self.show_profile()
        self.say(visit.notice, Tone.WARN)
        self.window.announce(self.screens.profile.notice)
        self.refresh_queue()

    def _refresh(self) -> None:
        if self.window.screen_id == "sync_centre":
            self.screens.sync.reload()
        elif self.window.screen_id == "profile":
            self._refresh_profile()
        else:
            self.refresh_queue()

    def _refresh_profile(self) -> None:
        visit = self.counter.desk.in_hand.visit
        if visit is not None and visit.identity.name_proof in (Proof.RESIDENT_ID, Proof.ECARD):
            # An ID is found again only after it was taken away, a code is good once: the province alone is asked anew.
            self._rejudge()
        else:
            self.read_card()

    def _next(self) -> None:
        match self.window.screen_id:
            case "sign_in":
                self.sign_in.submit()
            case "lock":
                self.screens.lock.submit()
            case "profile":
                self.screens.profile.services.start_suggested()
            case "settle":
                self.screens.sync.settle.confirm()
            case _:
                self.service.next()

    def _back(self) -> None:
        if self.screens.scan.looking:
            self.screens.scan.cancel()
            return
        self.say(None)
        match self.window.screen_id:
            case "review":
                self.service.back_to_form()
            case "form" | "receipt" | "sync_centre":
                self.show_profile()
            case "settle":
                self.screens.sync.open()
            case "profile" if self.counter.desk.in_hand.visit is None:
                self.show_workbench()
            case _:
                self.window.hide_side()

    def _palette(self) -> None:
        self.window.show_side(self.screens.palette)
        self.screens.palette.focus_first()

    def _second_person(self) -> None:
        screen = self.screens.sync.settle if self.window.screen_id == "settle" else self.screens.service.review
        screen.focus_first()

    def _help(self) -> None:
        self.screens.key_help.set_screen(self.window.screen_id)
        self.window.show_side(self.screens.key_help)
        self.screens.key_help.focus_first()

    def _lock(self) -> None:
        if self._actor is None or self.window.locked:
            return
        self.screens.lock.set_actor(self._actor.name, self._actor.staff_no)
        self.window.lock(self.screens.lock)
        self.screens.lock.focus_first()

    def unlock(self, password: str) -> None:
        """Go on where the window was locked, if the password is right."""
        self.screens.lock.set_busy(True)

        def unlocked(refusal: Refusal | None) -> None:
            self.screens.lock.set_busy(False)
            self.screens.lock.set_problem(refusal)
            if refusal is None:
                self._return_to(self.window.unlock())

        self._bridge.run(lambda: self.counter.desk.unlock(password), unlocked)

    def _return_to(self, screen_id: str) -> None:
        if screen_id in ("form", "review", "receipt"):
            self.service.show(screen_id)
        elif screen_id == "sync_centre":
            self.screens.sync.open()
        elif screen_id == "settle":
            self.screens.sync.show_settlement()
        elif screen_id == "profile":
            self.window.show_screen("profile", self.screens.profile, self.screens.profile.panel)
            self.screens.profile.focus_first()
        else:
            self.show_profile()

    def _on_event(self, event: Event) -> None:
        match event:
            case ProvinceChanged(online, since):
                self._on_province(online, since)
            case OutboxChanged(pending, oldest_age_s, tasks):
                self._pending = pending
                self.window.set_outbox(pending, oldest_age_s, tasks)
                self._refresh_sync_centre()
            case LimitsMoved(standing):
                self._show_limits(standing)
            case StopTold(told):
                self.window.set_stop(*stop_words(self._texts, told))
            case CopyMoved():
                told = copy_words(self._texts, event)
                self.window.set_copy(*told)
                self.screens.set_copy(*told)
            case QueueChanged():
                self.refresh_queue()
            case ReaderChanged(status):
                self._devices.reader = status
                self._show_devices()
                if status.state is ReaderState.READY:
                    self.window.announce(self._devices.reader_light().word)
            case PrinterChanged(status):
                self._devices.printer = status
                self._show_devices()
            case ScannerChanged(state):
                self._on_scanner(state)
            case CameraMoved():
                self.screens.scan.on_moved(event)
            case LookEnded():
                self.screens.scan.on_ended(event)
            case PrintMoved():
                self.service.on_print(event)
            case DeliverySettled():
                self._refresh_sync_centre()
                self.service.on_settled(event)
                self._on_settled(event.op_id)
            case SagaMoved():
                self.service.on_saga(event)
            case Trouble(refusal):
                self.say(refusal)

    def _on_scanner(self, state: LineState) -> None:
        was_away = self._devices.scanner is LineState.AWAY
        self._devices.scanner = state
        self._show_devices()
        if state is LineState.AWAY:
            self.say(Refusal("SCANNER-AWAY"), Tone.WARN)
        elif was_away:
            self.say(Refusal("SCANNER-BACK"), Tone.OK)

    def _show_limits(self, standing: Standing) -> None:
        words = limit_words(self._texts, self._sentences, standing)
        self.window.set_limits(words)
        if self.window.screen_id == "sync_centre":
            self.screens.sync.screen.set_limits(words)

    def _refresh_sync_centre(self) -> None:
        if self.window.screen_id == "sync_centre":
            self.screens.sync.refresh()

    def _on_province(self, online: bool, since: datetime) -> None:
        self.window.set_province(online, self._time(since))
        self.screens.set_offline(not online)
        self._refresh_sync_centre()
        self._rejudge()

    def _on_settled(self, op_id: str) -> None:
        visit = self.counter.desk.in_hand.visit if self._actor is not None else None
        if visit is not None and op_id in {waits.op_id for waits in visit.waiting}:
            self._rejudge()

    def _rejudge(self) -> None:
        """Ask again what may be done for whoever is served; before somebody signed in there may be no desk yet."""
        if self._actor is not None and self.counter.desk.in_hand.visit is not None:
            self._bridge.run_in_turn(self.counter.desk.rejudge, self._on_rejudged)

    def _on_rejudged(self, visit: VisitView | Refusal | None) -> None:
        if isinstance(visit, Refusal):
            self.put_aside(visit)
        elif visit is not None:
            self.screens.profile.set_visit(visit)
            self.screens.palette.set_services(visit.services)

    def _show_devices(self) -> None:
        lights = self._devices.lights()
        self.window.set_devices(lights)
        if self.window.screen_id == "sign_in":
            self.sign_in.set_self_test(lights)

    def _tick(self) -> None:
        self.window.set_clock(self._time(datetime.now(HALL_ZONE)))

    def _time(self, moment: datetime) -> str:
        return moment.astimezone(HALL_ZONE).strftime("%H:%M")
