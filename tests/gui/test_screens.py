"""Sign-in, lock, workbench, review, receipt, sync centre and palette."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from app.domain.downlink import DownlinkState
from app.domain.operation import DeliveryState
from app.domain.refusal import Refusal
from app.domain.work_limits import Standing
from app.services.forms import check_field
from hardware.ports import PrintOutcome
from ui import sample_values, screens_shots, tone_table
from ui.clerk.form import FormScreen
from ui.clerk.limit_words import limit_words
from ui.clerk.lock import LockScreen
from ui.clerk.palette import PalettePanel, matches
from ui.clerk.phrases import breakable, lasting
from ui.clerk.receipt import ReceiptScreen
from ui.clerk.review import ReviewScreen
from ui.clerk.sign_in import SignInScreen
from ui.clerk.sync_centre import SyncCentreScreen
from ui.clerk.workbench import WorkbenchScreen
from ui.screens import SCREENS, NoState
from ui.theme.apply import apply_theme
from ui.widgets.act_button import ActButton
from ui.widgets.masked_label import masked


@pytest.fixture(autouse=True)
def _theme(qapp) -> None:
    apply_theme(qapp)


def _said(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def _passwords(widget: QWidget) -> QLineEdit:
    return next(each for each in widget.findChildren(QLineEdit) if each.echoMode() is QLineEdit.EchoMode.Password)


@pytest.fixture
def sign_in(qtbot, texts, sentences) -> SignInScreen:
    screen = SignInScreen(texts, sentences)
    screen.set_windows(("1", "2", "3"), "3")
    qtbot.addWidget(screen)
    return screen


def test_sign_in_hands_over_what_was_typed(qtbot, sign_in: SignInScreen) -> None:
    sign_in.set_staff("0317")
    qtbot.keyClicks(_passwords(sign_in), "secret")
    with qtbot.waitSignal(sign_in.submitted) as submitted:
        qtbot.keyClick(_passwords(sign_in), Qt.Key.Key_Return)
    assert submitted.args == ["0317", "secret", "3"]


def test_sign_in_says_what_is_missing(qtbot, sign_in: SignInScreen, sentences, texts) -> None:
    with qtbot.assertNotEmitted(sign_in.submitted):
        sign_in.submit()
    refusal = Refusal.of("FIELD-REQUIRED", field=texts("ui.sign_in.staff_no"))
    assert sentences.of(refusal).text in _said(sign_in)


def test_sign_in_tells_the_training_account_only_when_it_is_told_one(sign_in: SignInScreen) -> None:
    assert not any("training-2026" in text for text in _said(sign_in))
    sign_in.set_training("0317", "training-2026")
    assert any("0317" in text and "training-2026" in text for text in _said(sign_in))


def test_refused_sign_in_forgets_the_password(sign_in: SignInScreen, sentences) -> None:
    _passwords(sign_in).setText("wrong")
    sign_in.set_busy(True)
    assert not _passwords(sign_in).isEnabled()
    sign_in.set_problem(Refusal("STAFF-UNKNOWN-OR-PASSWORD"))
    assert _passwords(sign_in).text() == ""
    assert _passwords(sign_in).isEnabled()
    assert any(sentences.code("STAFF-UNKNOWN-OR-PASSWORD").text in text for text in _said(sign_in))


def test_lock_asks_for_the_password_and_forgets_it(qtbot, texts, sentences) -> None:
    screen = LockScreen(texts, sentences)
    qtbot.addWidget(screen)
    screen.set_actor("林晓", "0317")
    with qtbot.assertNotEmitted(screen.submitted):
        screen.submit()
    qtbot.keyClicks(_passwords(screen), "secret")
    with qtbot.waitSignal(screen.submitted) as submitted:
        screen.submit()
    assert submitted.args == ["secret"]
    screen.set_problem(Refusal("STAFF-UNKNOWN-OR-PASSWORD"))
    assert _passwords(screen).text() == ""


def test_workbench_offers_the_next_number(qtbot, texts, sentences) -> None:
    screen = WorkbenchScreen(texts, sentences)
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.set_queue(sample_values.queue(serving=False))
    assert "Y003" in _said(screen)
    call = next(each for each in screen.findChildren(ActButton) if each.text() == texts("ui.workbench.call"))
    with qtbot.waitSignal(screen.acted) as acted:
        call.click()
    assert acted.args == ["call_next"]
    screen.set_queue(sample_values.queue(serving=True))
    assert "A012" in _said(screen)
    with qtbot.waitSignal(screen.acted) as acted:
        call.click()
    assert acted.args == ["read_card"], "who was called comes before whoever waits"
    screen.set_queue(sample_values.queue(serving=False, empty=True))
    assert call.text() == texts("ui.workbench.read_card_button")
    with qtbot.waitSignal(screen.acted) as acted:
        call.click()
    assert acted.args == ["read_card"]
    assert texts("ui.workbench.nobody_about") in _said(screen)


@pytest.fixture
def review(qtbot, texts, sentences) -> ReviewScreen:
    screen = ReviewScreen(texts, sentences)
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.set_review(sample_values.review(texts, offline=True))
    return screen


def _cells(review: ReviewScreen) -> list[str]:
    table = review._table
    return [table.item(row, column).text() for row in range(table.rowCount()) for column in range(4)]


def test_review_shows_old_new_and_what_changes(review: ReviewScreen, texts) -> None:
    cells = _cells(review)
    assert cells[:2] == [texts("fields.social_state"), texts("states.social.normal")]
    assert cells.count(texts("ui.review.changed")) == 3
    assert cells.count(texts("ui.review.same")) == 3
    assert sample_values.offline_loss(texts) in _said(review)


def test_review_masks_numbers_until_revealed(review: ReviewScreen) -> None:
    for secret in (sample_values.CITIZEN_NUMBER[6:14], "A12345674"):
        assert not [cell for cell in _cells(review) if secret in cell]
        review.set_revealed(True)
        assert len([cell for cell in _cells(review) if secret in cell]) == 2
        review.set_revealed(False)
        assert not [cell for cell in _cells(review) if secret in cell]


def test_confirming_five_times_is_one_command(qtbot, review: ReviewScreen, texts) -> None:
    told: list[str] = []
    review.confirmed.connect(told.append)
    for _ in range(5):
        review.confirm()
    assert told == [sample_values.review(texts).digest]
    review.set_refused(Refusal("REVIEW-STALE"))
    review.confirm()
    assert len(told) == 2


def test_printing_five_times_is_one_job(qtbot, texts, sentences) -> None:
    screen = ReceiptScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    told: list[str] = []
    screen.print_wanted.connect(told.append)
    screen.print()
    assert told == []
    screen.set_acceptance(sample_values.acceptance())
    screen.set_receipt(sample_values.receipt(), sample_values.pages())
    for _ in range(5):
        screen.print()
    assert told == ["job-1"]
    screen.set_print_state(PrintOutcome.NO_PAPER, 0)
    assert texts("ui.print.no_paper") in _said(screen)
    screen.print()
    assert told == ["job-1", "job-1"]


def test_a_refused_operation_says_why_in_words(qtbot, texts, sentences) -> None:
    screen = ReceiptScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    refused = replace(sample_values.acceptance(), state=DeliveryState.REJECTED, reason="OP-LOST-ALREADY")
    screen.set_acceptance(refused)
    assert sentences.code("OP-LOST-ALREADY").text in _said(screen)
    assert not [line for line in _said(screen) if "OP-" in line]


def test_enter_prints_then_ends_the_visit_and_f8_prints_again(qtbot, texts, sentences) -> None:
    screen = ReceiptScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.set_receipt(sample_values.receipt(), sample_values.pages())
    with qtbot.waitSignal(screen.print_wanted), qtbot.assertNotEmitted(screen.finish_wanted):
        qtbot.keyClick(screen.steps.button, Qt.Key.Key_Return)
        screen.go_on()
    screen.set_print_state(PrintOutcome.PRINTED, 1)
    assert screen.steps.button.text() == texts("ui.receipt.printed_button")
    assert texts("ui.receipt.copies", count=1) in _said(screen)
    with qtbot.waitSignal(screen.finish_wanted), qtbot.assertNotEmitted(screen.print_wanted):
        qtbot.keyClick(screen.steps.button, Qt.Key.Key_Return)
    with qtbot.waitSignal(screen.print_wanted), qtbot.assertNotEmitted(screen.finish_wanted):
        screen.print()
        screen.go_on()


@pytest.mark.parametrize("outcome", [None, *PrintOutcome])
def test_every_print_outcome_has_its_words(qtbot, texts, sentences, outcome: PrintOutcome | None) -> None:
    key = "none" if outcome is None else str(outcome)
    assert f"ui.print.{key}" in texts.entries
    assert key in tone_table.load().groups["print"]


def test_sync_centre_lists_deliveries_and_tasks(qtbot, texts, sentences) -> None:
    screen = SyncCentreScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.set_rows(sample_values.outbox(), sample_values.tasks())
    cells = [[screen.table.item(row, column).text() for column in range(3)] for row in range(screen.table.rowCount())]
    told = [texts(f"ui.delivery.{state}") for state in ("queued", "sending", "applied", "conflict")]
    assert [re.split("[ \n]", cell[2])[0] for cell in cells] == told
    assert [cell.split("\n") for cell in cells[0]] == [
        [texts("services.temporary_loss"), breakable(sample_values.ACCEPTANCE_NO)],
        [
            masked("citizen_number", sample_values.CITIZEN_NUMBER),
            texts("ui.sync.ago", time=lasting(texts, 3_900)),
        ],
        [
            f"{texts('ui.delivery.queued')} · {texts('ui.sync.in', time=lasting(texts, 42))}",
            sentences.code("PROVINCE-BUSY").text,
        ],
    ]
    assert sample_values.CITIZEN_NUMBER[6:14] not in "".join(sum(cells, _said(screen.panel)))
    screen.set_offline(True)
    screen.set_rows(sample_values.outbox(), sample_values.tasks())
    assert texts("ui.sync.when_back") in screen.table.item(0, 2).text()
    screen.set_rows(sample_values.outbox(), tuple(replace(task, two_persons=False) for task in sample_values.tasks()))
    button = screen.panel.findChild(QPushButton)
    with qtbot.waitSignal(screen.task_closed) as closed:
        button.click()
    assert closed.args == [sample_values.tasks()[0].op_id]
    screen.set_rows((), ())
    assert texts("ui.sync.no_tasks") in _said(screen.panel)


def _button(screen: QWidget, text: str) -> QPushButton:
    return next(button for button in screen.findChildren(QPushButton) if button.text() == text)


def test_one_delivery_is_chosen_and_tried_again_by_key_and_by_button(qtbot, texts, sentences) -> None:
    screen = SyncCentreScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    rows = sample_values.outbox()
    screen.set_rows(rows, ())
    screen.show()
    button = _button(screen, texts("ui.sync.retry_one"))
    assert not button.isEnabled()
    screen.focus_first()
    qtbot.keyClick(screen.table, Qt.Key.Key_Home)
    screen.table.selectRow(0)
    assert button.isEnabled()
    assert rows[0].acceptance_no in button.accessibleName()
    with qtbot.waitSignal(screen.retry_one_wanted) as wanted:
        qtbot.keyClick(screen.table, Qt.Key.Key_Return)
    assert wanted.args == [rows[0].op_id]
    with qtbot.waitSignal(screen.retry_one_wanted) as wanted:
        qtbot.keyClick(button, Qt.Key.Key_Space)
    assert wanted.args == [rows[0].op_id]
    # What was answered, or is being sent, is not tried again.
    for place in (1, 2, 3):
        screen.table.selectRow(place)
        assert not button.isEnabled()
        with qtbot.assertNotEmitted(screen.retry_one_wanted, wait=10):
            qtbot.keyClick(screen.table, Qt.Key.Key_Return)
    with qtbot.waitSignal(screen.export_wanted):
        qtbot.keyClick(_button(screen, texts("ui.sync.export")), Qt.Key.Key_Return)


def test_settling_is_offered_to_whoever_may(qtbot, texts, sentences) -> None:
    screen = SyncCentreScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    alone = [replace(task, two_persons=False) for task in sample_values.tasks()]
    for may in (True, False, True):
        screen.set_may_settle(may)
        screen.set_rows(sample_values.outbox(), tuple(alone))
        offered = [button.text() for button in screen.panel.findChildren(QPushButton)]
        assert (texts("ui.sync.settled") in offered) is may
        assert (texts("ui.sync.settled_by") in _said(screen.panel)) is not may
        assert screen._export.isVisibleTo(screen) is may


def test_the_sync_centre_says_where_the_limits_stand_and_how_old_the_changes_are(qtbot, texts, sentences) -> None:
    screen = SyncCentreScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    screen.set_rows(sample_values.outbox(), ())
    words = limit_words(texts, sentences, sample_values.standing(offline=True))
    screen.set_limits(words)
    screen.set_changes(sample_values.changes(offline=True), sample_values.AS_OF)
    said = "\n".join(_said(screen))
    assert len(words.lines) == 2
    assert all(line in said for line in words.lines)
    assert texts("ui.sync.changes_aside", count=1) in said
    assert lasting(texts, 9 * 3600) in said
    assert texts("ui.sync.clock_doubtful") in screen.table.item(1, 1).text()
    screen.set_limits(limit_words(texts, sentences, Standing()))
    screen.set_changes(DownlinkState(0, None, 0), sample_values.AS_OF)
    said = "\n".join(_said(screen))
    assert not any(line in said for line in words.lines)
    assert texts("ui.sync.changes_never") in said


def test_the_sync_centre_tells_how_many_rows_there_are(qtbot, texts, sentences) -> None:
    screen = SyncCentreScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    rows = sample_values.outbox()
    screen.set_rows(rows, (), 1203)
    assert texts("ui.sync.first_of", shown=len(rows), total=1203) in _said(screen)
    screen.set_rows(rows, ())
    assert texts("ui.sync.count", shown=len(rows), total=len(rows)) in _said(screen)


def test_a_long_table_is_shown_again_at_once(qtbot, texts, sentences) -> None:
    screen = SyncCentreScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.show()
    qtbot.waitExposed(screen)
    screen.set_rows(sample_values.outbox() * 75, ())
    begun = time.perf_counter()
    screen.set_rows(sample_values.outbox() * 75, ())
    # A table whose rows follow their contents took a minute for this: it measured all of them for every cell.
    assert time.perf_counter() - begun < 5


def test_a_short_table_is_seen_whole(qtbot, texts, sentences) -> None:
    screen = SyncCentreScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.resize(834, 640)
    screen.set_rows((), ())
    screen.show()
    qtbot.waitExposed(screen)
    for rows in (sample_values.outbox()[:1], sample_values.outbox(), sample_values.outbox()[:1]):
        screen.set_rows(rows, ())
        qtbot.waitUntil(lambda: not screen.table.verticalScrollBar().isVisible(), timeout=2000)
        assert screen.table.verticalScrollBar().maximum() == 0
        assert not screen.table.horizontalScrollBar().isVisible()


def test_screens_forget_the_holder(qtbot, texts, sentences) -> None:
    form = FormScreen(texts, sentences)
    form.set_form(sample_values.form(texts), check_field)
    review = ReviewScreen(texts, sentences)
    review.set_review(sample_values.review(texts))
    receipt = ReceiptScreen(texts, sentences, tone_table.load())
    receipt.set_acceptance(sample_values.acceptance())
    receipt.set_receipt(sample_values.receipt(), sample_values.pages())
    for screen in (form, review, receipt):
        screen.set_holder(sample_values.NAME, sample_values.CITIZEN_NUMBER)
        screen.set_revealed(True)
    for screen in (form, review, receipt):
        qtbot.addWidget(screen)
        qtbot.addWidget(screen.panel)
        screen.forget()
        left = [each.text() for root in (screen, screen.panel) for each in root.findChildren(QLabel)]
        left += [each.text() for each in screen.findChildren(QLineEdit)]
        personal = (sample_values.NAME, sample_values.CITIZEN_NUMBER[6:14], "139000", sample_values.ACCEPTANCE_NO)
        assert not [text for text in left for value in personal if value in text]
        assert not [each for each in screen.findChildren(QLabel) if not each.pixmap().isNull()]
    assert review._table.rowCount() == 0


@pytest.fixture
def palette(qtbot, texts, sentences) -> PalettePanel:
    panel = PalettePanel(texts, sentences)
    qtbot.addWidget(panel)
    panel.set_services(sample_values.services(texts))
    return panel


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("", ("20", "21", "22", "90")),
        ("2", ("20", "21", "22")),
        ("22", ("22",)),
        ("ls", ("20",)),
        ("JC", ("22",)),
        ("挂失", ("20", "21", "22")),
        ("zz", ()),
    ],
)
def test_palette_filters_by_code_name_and_initials(palette: PalettePanel, typed: str, codes: tuple[str, ...]) -> None:
    palette.type(typed)
    assert palette.shown() == codes


def test_palette_opens_by_enter_and_moves_by_arrow(qtbot, palette: PalettePanel) -> None:
    edit = palette.findChild(QLineEdit)
    for _ in range(3):
        qtbot.keyClick(edit, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.chosen) as chosen:
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert chosen.args == ["90"]
    with qtbot.waitSignal(palette.closed):
        qtbot.keyClick(edit, Qt.Key.Key_Escape)


def test_palette_says_why_a_service_cannot_start(qtbot, palette: PalettePanel, sentences) -> None:
    palette.type("22")
    with qtbot.assertNotEmitted(palette.chosen):
        palette.open_chosen()
    assert any(sentences.code("CARD-IS-NORMAL").text in text for text in _said(palette))
    palette.type("99")
    with qtbot.assertNotEmitted(palette.chosen):
        palette.open_chosen()


def test_code_is_matched_from_its_start(texts) -> None:
    service = sample_values.services(texts)[0]
    assert matches(service, "2")
    assert not matches(service, "0")


@pytest.mark.parametrize(
    ("seconds", "key", "values"),
    [
        (42, "seconds", {"seconds": 42}),
        (660, "minutes", {"minutes": 11}),
        (3_900, "hours", {"hours": 1, "minutes": 5}),
        (200_000, "days", {"days": 2}),
        (-3, "seconds", {"seconds": 0}),
    ],
)
def test_duration_is_said_in_fitting_units(texts, seconds: float, key: str, values: dict[str, int]) -> None:
    assert lasting(texts, seconds) == texts(f"ui.time.{key}", **values)


def test_pictures_are_taken_of_every_state_of_a_screen(tmp_path: Path) -> None:
    assert screens_shots.main(["--out", str(tmp_path), "--only", "lock"]) == 0
    entry = next(entry for entry in SCREENS if entry.id == "lock")
    shown = {str(state) for state, factory in entry.states.items() if not isinstance(factory, NoState)}
    files = list(tmp_path.glob("*.png"))
    assert {file.name.split("-")[1] for file in files} == shown
    assert all(file.stat().st_size > 10_000 for file in files)
