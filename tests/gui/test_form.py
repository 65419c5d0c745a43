"""The form: errors at field exit, none of what was typed lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLineEdit

from app.domain.refusal import Refusal
from app.services.forms import check_field
from ui import sample_values
from ui.clerk.form import FormScreen
from ui.theme.apply import apply_theme


@pytest.fixture
def screen(qtbot, qapp, texts, sentences) -> FormScreen:
    apply_theme(qapp)
    form = FormScreen(texts, sentences)
    form.set_form(sample_values.form(texts), check_field)
    form.resize(800, 600)
    qtbot.addWidget(form)
    qtbot.addWidget(form.panel)
    form.show()
    qtbot.waitExposed(form)
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    return form


def _edit(screen: FormScreen, name: str) -> QLineEdit:
    return next(edit for edit in screen.findChildren(QLineEdit) if edit.accessibleName() == name)


def test_form_is_prefilled(screen: FormScreen) -> None:
    assert screen.values() == {"reason": "lost", "phone": "13900000000", "note": ""}


def test_wrong_value_is_said_beside_its_field_when_the_field_is_left(qtbot, screen: FormScreen, texts) -> None:
    phone = _edit(screen, texts("fields.phone"))
    phone.setFocus()
    phone.selectAll()
    qtbot.keyClicks(phone, "139")
    assert screen.error_of("phone") == ""
    qtbot.keyClick(phone, Qt.Key.Key_Tab)
    assert texts("fields.phone") in screen.error_of("phone")
    described = QAccessible.queryAccessibleInterface(phone).text(QAccessible.Text.Description)
    assert described == screen.error_of("phone")
    phone.setFocus()
    phone.selectAll()
    qtbot.keyClicks(phone, "13900000001")
    qtbot.keyClick(phone, Qt.Key.Key_Tab)
    assert screen.error_of("phone") == ""


def test_submitting_with_errors_goes_to_the_first_and_keeps_what_was_typed(qtbot, screen: FormScreen, texts) -> None:
    long_note = "长" * 61
    screen.set_values({"phone": "", "note": long_note})
    with qtbot.assertNotEmitted(screen.submitted):
        screen.submit()
    assert screen.error_of("phone")
    assert screen.error_of("note")
    assert screen.focusWidget() is _edit(screen, texts("fields.phone"))
    assert screen.values()["note"] == long_note
    assert texts("ui.form.errors", count=2) in [label.text() for label in screen.findChildren(type(screen._title))]


def test_submitting_without_errors_hands_over_the_values(qtbot, screen: FormScreen) -> None:
    screen.set_values({"reason": "stolen", "note": "𠮷野家门口"})
    with qtbot.waitSignal(screen.submitted) as submitted:
        screen.submit()
    assert submitted.args == [{"reason": "stolen", "phone": "13900000000", "note": "𠮷野家门口"}]


def test_limit_counts_code_points(screen: FormScreen) -> None:
    screen.set_values({"note": "𠮷" * 60})
    screen.submit()
    assert screen.error_of("note") == ""
    screen.set_values({"note": "𠮷" * 61})
    screen.submit()
    assert screen.error_of("note")


def test_enter_goes_to_the_next_field_and_then_to_the_button(qtbot, screen: FormScreen, texts) -> None:
    phone, note = _edit(screen, texts("fields.phone")), _edit(screen, texts("fields.note"))
    phone.setFocus()
    qtbot.keyClick(phone, Qt.Key.Key_Return)
    assert screen.focusWidget() is note


def test_typing_tells_of_a_draft(qtbot, screen: FormScreen, texts) -> None:
    with qtbot.waitSignal(screen.changed) as changed:
        _edit(screen, texts("fields.note")).insert("丢")
    assert changed.args[0]["note"] == "丢"


def test_unknown_keys_of_an_old_draft_are_left_out(screen: FormScreen) -> None:
    screen.set_values({"gone": "1", "reason": "stolen"})
    assert screen.values()["reason"] == "stolen"


def test_first_wrong_field_is_scrolled_to(qtbot, screen: FormScreen) -> None:
    screen.resize(600, 300)
    screen.show()
    qtbot.waitExposed(screen)
    frame = screen._fields["phone"][1].frame
    assert frame.visibleRegion().isEmpty()
    screen.set_values({"phone": "139"})
    screen.submit()
    qtbot.waitUntil(lambda: frame.visibleRegion().boundingRect() == frame.rect())


def test_refusal_of_no_field_stands_above(screen: FormScreen, sentences) -> None:
    screen.set_errors((("", Refusal("REVIEW-STALE")),))
    assert sentences.code("REVIEW-STALE").text in screen._message.text


def test_numbers_are_masked_until_revealed(screen: FormScreen) -> None:
    screen.set_holder(sample_values.NAME, sample_values.CITIZEN_NUMBER)

    def shown() -> str:
        return "\n".join(label.text() for label in [*screen._numbers, screen.steps.number])

    assert sample_values.CITIZEN_NUMBER[6:14] not in shown()
    assert "A12345674" not in shown()
    screen.set_revealed(True)
    assert sample_values.CITIZEN_NUMBER[6:14] in shown()
    assert "A12345674" in shown()
    screen.set_revealed(False)
    assert sample_values.CITIZEN_NUMBER[6:14] not in shown()
