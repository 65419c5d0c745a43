"""Every screen in every state, built from fictional values: what lint, pictures and tests walk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtWidgets import QWidget

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from app.services.events import CopyMoved
from app.services.forms import check_field
from hardware.ports import PrintOutcome
from ui import key_table, sample_values, tone_table
from ui.clerk.copy_words import copy_words
from ui.clerk.counter_window import CounterWindow
from ui.clerk.form import FormScreen
from ui.clerk.key_help import KeyHelp
from ui.clerk.limit_words import limit_words
from ui.clerk.lock import LockScreen
from ui.clerk.palette import PalettePanel
from ui.clerk.profile import ProfileScreen
from ui.clerk.receipt import ReceiptScreen
from ui.clerk.review import ReviewScreen
from ui.clerk.scan_panel import ScanPanel
from ui.clerk.settle import SettleScreen
from ui.clerk.sign_in import SignInScreen
from ui.clerk.sync_centre import SyncCentreScreen
from ui.clerk.workbench import WorkbenchScreen
from ui.widgets.shuffled_pad import ShuffledPad


class ScreenState(StrEnum):
    """What a screen may have to show."""

    LOADING = "loading"
    EMPTY = "empty"
    READY = "ready"
    ERROR = "error"
    OFFLINE = "offline"


@dataclass(frozen=True)
class NoState:
    """A state that a screen cannot be in, and why."""

    reason: str


Factory = Callable[[Texts, Sentences], QWidget]


@dataclass(frozen=True)
class ScreenEntry:
    """One screen: its id, the text key of its title, and a factory for each state."""

    id: str
    title: str
    states: Mapping[ScreenState, Factory | NoState]


def _window(texts: Texts, state: ScreenState, *, serving: bool = True, signed_in: bool = True) -> CounterWindow:
    offline = state is ScreenState.OFFLINE
    groups = tuple((letter, texts(key)) for letter, key in sample_values.GROUPS)
    window = CounterWindow(texts, key_table.load(), groups)
    window.set_hall("鼓楼区政务服务中心", "3")
    window.set_training(True)
    window.set_clock("10:42")
    window.set_province(not offline, "10:31")
    window.set_outbox(2 if offline else 0, 660.0 if offline else 0.0, 1 if state is ScreenState.ERROR else 0)
    behind = CopyMoved(120, 900.0, True) if offline else CopyMoved(0, 0.0, True)
    window.set_copy(*copy_words(texts, behind))
    window.set_devices(sample_values.DEVICES_OFFLINE if offline else sample_values.DEVICES)
    window.set_queue(sample_values.queue(serving=serving, empty=state is ScreenState.EMPTY))
    if signed_in:
        window.set_actor("林晓", texts("roles.clerk"), "0317")
    return window


def _sign_in(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _window(texts, state, signed_in=False)
        screen = SignInScreen(texts, sentences)
        screen.set_windows(("1", "2", "3"), "3")
        screen.set_training("0317", "training-2026")
        if state is not ScreenState.EMPTY:
            screen.set_staff("0317")
        if state is not ScreenState.LOADING:
            screen.set_self_test(sample_values.DEVICES)
        window.show_screen("sign_in", screen)
        if state is ScreenState.LOADING:
            screen.set_busy(True)
        elif state is ScreenState.ERROR:
            screen.set_problem(Refusal("STAFF-UNKNOWN-OR-PASSWORD"))
            screen.submit()
        screen.focus_first()
        return window

    return build


def _workbench(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _window(texts, state, serving=False)
        screen = WorkbenchScreen(texts, sentences)
        window.show_screen("workbench", screen, screen.panel)
        if state is ScreenState.LOADING:
            screen.set_loading()
        elif state is ScreenState.ERROR:
            screen.set_problem(Refusal("HALL-AWAY"))
        else:
            screen.set_queue(sample_values.queue(serving=False, empty=state is ScreenState.EMPTY))
            screen.set_notices(() if state is ScreenState.EMPTY else sample_values.NOTICES)
            screen.focus_first()
        return window

    return build


def _profile(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _window(texts, state)
        screen = ProfileScreen(texts, sentences, tone_table.load())
        window.show_screen("profile", screen, screen.panel)
        match state:
            case ScreenState.LOADING:
                screen.set_loading()
            case ScreenState.EMPTY:
                screen.set_empty()
            case ScreenState.ERROR:
                screen.set_problem(Refusal("CARD-NOT-AUTHENTICATED"))
            case ScreenState.READY:
                screen.set_visit(sample_values.visit(texts))
                screen.focus_first()
            case ScreenState.OFFLINE:
                screen.set_visit(sample_values.visit(texts, offline=True, known=False))
                screen.focus_first()
        return window

    return build


def _form(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _window(texts, state)
        screen = FormScreen(texts, sentences)
        screen.set_holder(sample_values.NAME, sample_values.CITIZEN_NUMBER)
        window.show_screen("form", screen, screen.panel)
        if state is ScreenState.LOADING:
            screen.set_loading()
        else:
            screen.set_form(sample_values.form(texts, offline=state is ScreenState.OFFLINE), check_field)
            screen.focus_first()
        if state is ScreenState.ERROR:
            screen.set_values({"phone": "139"})
            screen.submit()
        return window

    return build


def _review(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _window(texts, state)
        screen = ReviewScreen(texts, sentences)
        screen.set_holder(sample_values.NAME, sample_values.CITIZEN_NUMBER)
        window.show_screen("review", screen, screen.panel)
        if state is ScreenState.LOADING:
            screen.set_loading()
        else:
            screen.set_review(sample_values.review(texts, offline=state is ScreenState.OFFLINE))
            screen.focus_first()
        if state is ScreenState.ERROR:
            screen.set_refused(Refusal("REVIEW-STALE"))
        return window

    return build


def _review_by_two(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _window(texts, state)
        screen = ReviewScreen(texts, sentences)
        screen.set_holder(sample_values.NAME, sample_values.CITIZEN_NUMBER)
        window.show_screen("review", screen, screen.panel)
        screen.set_review(sample_values.review_by_two(texts))
        screen.focus_first()
        match state:
            case ScreenState.LOADING:
                screen.second.set_busy(True)
            case ScreenState.ERROR:
                screen.second.set_problem(Refusal("APPROVAL-LATE"))
            case ScreenState.OFFLINE:
                screen.second.set_approval(sample_values.approval())
        return window

    return build


def _receipt(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _window(texts, state)
        screen = ReceiptScreen(texts, sentences, tone_table.load())
        window.show_screen("receipt", screen, screen.panel)
        if state is ScreenState.LOADING:
            screen.set_loading()
        elif state is ScreenState.EMPTY:
            screen.set_empty()
        else:
            offline = state is ScreenState.OFFLINE
            outcome = PrintOutcome.NO_PAPER if state is ScreenState.ERROR else None
            screen.set_acceptance(sample_values.acceptance(offline=offline))
            screen.set_receipt(sample_values.receipt(state=outcome), sample_values.pages(offline=offline))
            screen.set_holder(sample_values.NAME, sample_values.CITIZEN_NUMBER)
            screen.focus_first()
        return window

    return build


def _sync_centre(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _window(texts, state, serving=False)
        screen = SyncCentreScreen(texts, sentences, tone_table.load())
        screen.set_offline(state is ScreenState.OFFLINE)
        screen.set_copy(*copy_words(texts, CopyMoved(0, 0.0, True)))
        window.show_screen("sync_centre", screen, screen.panel)
        if state is ScreenState.LOADING:
            screen.set_rows((), ())
            screen.set_loading()
        elif state is ScreenState.EMPTY:
            screen.set_rows((), ())
        elif state is ScreenState.ERROR:
            screen.set_rows((), ())
            screen.set_problem(Refusal("JOURNAL-DISK-FAILING"))
        else:
            screen.set_rows(sample_values.outbox(), sample_values.tasks())
            screen.set_samples(sample_values.samples())
            offline = state is ScreenState.OFFLINE
            screen.set_changes(sample_values.changes(offline=offline), sample_values.AS_OF)
            words = limit_words(texts, sentences, sample_values.standing(offline=offline))
            screen.set_limits(words)
            window.set_limits(words)
            screen.focus_first()
        return window

    return build


def _settle(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _window(texts, state, serving=False)
        screen = SettleScreen(texts, sentences)
        window.show_screen("settle", screen, screen.panel)
        if state is ScreenState.LOADING:
            screen.set_loading()
            return window
        screen.set_lines(sample_values.settlement(texts))
        screen.focus_first()
        if state is ScreenState.ERROR:
            screen.second.set_problem(Refusal("SECOND-PERSON-SAME"))
        elif state is ScreenState.OFFLINE:
            screen.second.set_approval(sample_values.approval())
        return window

    return build


def _lock(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _window(texts, state)
        screen = LockScreen(texts, sentences)
        screen.set_actor("林晓", "0317")
        window.show_screen("lock", screen)
        if state is ScreenState.LOADING:
            screen.set_busy(True)
        elif state is ScreenState.ERROR:
            screen.set_problem(Refusal("STAFF-UNKNOWN-OR-PASSWORD"))
        screen.focus_first()
        return window

    return build


def _key_help(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _profile(state)(texts, sentences)
        assert isinstance(window, CounterWindow)
        panel = KeyHelp(texts, key_table.load())
        panel.set_screen("profile")
        window.show_side(panel)
        panel.focus_first()
        return window

    return build


def _palette(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        offline = state is ScreenState.OFFLINE
        window = _profile(ScreenState.OFFLINE if offline else ScreenState.READY)(texts, sentences)
        assert isinstance(window, CounterWindow)
        panel = PalettePanel(texts, sentences)
        panel.set_services(sample_values.services(texts, offline=offline))
        window.show_side(panel)
        if state is ScreenState.EMPTY:
            panel.type("99")
        elif state is ScreenState.ERROR:
            panel.type("22")
            panel.open_chosen()
        panel.focus_first()
        return window

    return build


def _scan(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        window = _workbench(state if state is ScreenState.OFFLINE else ScreenState.READY)(texts, sentences)
        assert isinstance(window, CounterWindow)
        panel = ScanPanel(texts, sentences)
        window.show_side(panel)
        if state is ScreenState.LOADING:
            panel.set_opening()
        elif state is ScreenState.ERROR:
            panel.set_problem(Refusal("CAMERA-AWAY"))
        else:
            panel.set_looking()
        panel.focus_first()
        return window

    return build


def _shuffled_pad(state: ScreenState) -> Factory:
    def build(texts: Texts, sentences: Sentences) -> QWidget:
        pad = ShuffledPad(texts, sentences)
        if state is ScreenState.READY:
            pad.begin()
            for place in range(sample_values.DIGITS_ENTERED):
                pad.press(place)
        elif state is ScreenState.ERROR:
            pad.set_problem(Refusal("PASSWORD-KEYBOARD"))
        return pad

    return build


def _states(make: Callable[[ScreenState], Factory], **without: str) -> Mapping[ScreenState, Factory | NoState]:
    return {state: NoState(without[state]) if state in without else make(state) for state in ScreenState}


SCREENS: tuple[ScreenEntry, ...] = (
    ScreenEntry("sign_in", "ui.sign_in.title", _states(_sign_in)),
    ScreenEntry("workbench", "ui.workbench.next", _states(_workbench)),
    ScreenEntry("profile", "ui.profile.insurance", _states(_profile)),
    ScreenEntry(
        "form", "ui.form.enter", _states(_form, empty="a form always has fields; a service without one has no form")
    ),
    ScreenEntry(
        "review", "ui.review.check", _states(_review, empty="a review always has the line of the card's state")
    ),
    ScreenEntry(
        "review_by_two",
        "ui.second_person.title",
        _states(_review_by_two, empty="a review always has the line of the card's state"),
    ),
    ScreenEntry("receipt", "ui.receipt.print_title", _states(_receipt)),
    ScreenEntry("sync_centre", "ui.sync.title", _states(_sync_centre)),
    ScreenEntry("settle", "ui.settle.title", _states(_settle, empty="what two persons settle always has its lines")),
    ScreenEntry("lock", "ui.lock.title", _states(_lock, empty="a locked window always names who may unlock it")),
    ScreenEntry(
        "key_help",
        "ui.help.title",
        _states(
            _key_help,
            loading="the table of keys is read at start",
            empty="the table of keys is never empty",
            error="a table that cannot be read stops the start",
        ),
    ),
    ScreenEntry("scan", "ui.scan.title", _states(_scan, empty="a camera that sees no code goes on looking")),
    ScreenEntry(
        "shuffled_pad",
        "ui.pad.title",
        _states(
            _shuffled_pad,
            loading="its keys come with the program",
            offline="a password is a matter of holder and card, the province has no part in it",
        ),
    ),
    ScreenEntry("palette", "ui.palette.title", _states(_palette, loading="the services came with the visit")),
)
