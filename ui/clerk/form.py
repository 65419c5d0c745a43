"""业务表单: a service's fields, prefilled, checked when a field is left."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from app.catalogue import masks
from app.catalogue.forms import FieldKind
from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from app.services.views import FormField, FormView
from ui.clerk.visit_panel import Step, VisitPanel
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.banner import Banner
from ui.widgets.card_frame import CardFrame
from ui.widgets.labelled import Field, labelled
from ui.widgets.masked_label import MaskedLabel
from ui.widgets.message_line import MessageLine
from ui.widgets.scroll_page import scroll_page
from ui.widgets.state_page import StatePage
from ui.widgets.words import clear, column, word

Check = Callable[[FormField, str], Refusal | None]


class FormScreen(QWidget):
    """One form; what was typed is never cleared by an error."""

    submitted = Signal(object)
    """Every entered value by field key, as a dict."""
    changed = Signal(object)
    """The same, at each change, for the draft."""
    retry_wanted = Signal()

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._check: Check = lambda _field, _value: None
        self._fields: dict[str, tuple[FormField, Field]] = {}
        self._numbers: list[MaskedLabel] = []
        self._title = word("", Type.TITLE, wrap=True)
        self._notice = Banner(Tone.WARN)
        self._message = MessageLine()
        self._known_card = CardFrame(texts("ui.form.known"))
        self._known = QGridLayout()
        self._known.setColumnStretch(1, 1)
        self._known.setHorizontalSpacing(3 * GRID)
        self._known.setVerticalSpacing(GRID)
        self._known_card.body.addLayout(self._known)
        entry_card = CardFrame(texts("ui.form.enter"))
        self._entries = column(gap=12)
        entry_card.body.addLayout(self._entries)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(2 * GRID, 14, 2 * GRID, 14)
        layout.setSpacing(12)
        for widget in (self._title, self._notice, self._message, self._known_card.frame, entry_card.frame):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._page = StatePage(scroll_page(content), texts)
        self._page.acted.connect(self.retry_wanted)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._page)
        self.steps = VisitPanel(texts, Step.FORM)
        self.steps.acted.connect(self.submit)
        self.panel: QWidget = self.steps

    def set_form(self, view: FormView, check: Check) -> None:
        """Show a form; `check` judges one field's value when the field is left."""
        self._check = check
        self._message.clear()
        self._page.show_content()
        self._title.setText(f"{view.service.code}  {view.service.title}")
        self._notice.show_text(view.offline_notice or "", Tone.WARN)
        self.steps.set_action(view.service.title, self._texts("ui.form.about"), self._texts("ui.form.next"))
        self._fields.clear()
        self._numbers.clear()
        clear(self._known)
        clear(self._entries)
        for field in view.fields:
            if field.kind is FieldKind.READ_ONLY:
                self._add_known(field)
            else:
                self._add_entry(field)
        self._known_card.frame.setVisible(any(field.kind is FieldKind.READ_ONLY for field in view.fields))

    def _add_known(self, field: FormField) -> None:
        line = self._known.rowCount()
        shown = (
            MaskedLabel(field.value, Type.BODY, field=field.key)
            if masks.load().hides(field.key)
            else word(field.value or "—", wrap=True)
        )
        if isinstance(shown, MaskedLabel):
            self._numbers.append(shown)
        self._known.addWidget(word(field.label, muted=True), line, 0, Qt.AlignmentFlag.AlignTop)
        self._known.addWidget(shown, line, 1)

    def _add_entry(self, field: FormField) -> None:
        edit = self._combo(field) if field.kind is FieldKind.CHOICE else self._line(field)
        entry = labelled(edit, field.label, self._texts("ui.form.required") if field.required else "")
        self._fields[field.key] = (field, entry)
        self._entries.addWidget(entry.frame)

    def _line(self, field: FormField) -> QLineEdit:
        edit = QLineEdit(field.value)
        if field.key == "phone":
            edit.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly | Qt.InputMethodHint.ImhLatinOnly)
        edit.editingFinished.connect(lambda key=field.key: self._left(key))
        edit.returnPressed.connect(lambda key=field.key: self._go_on(key))
        edit.textChanged.connect(lambda _text: self.changed.emit(self.values()))
        return edit

    def _combo(self, field: FormField) -> QComboBox:
        combo = QComboBox()
        for code, title in field.choices:
            combo.addItem(title, code)
        # Without a value nothing is chosen: the clerk says what was seen.
        combo.setPlaceholderText(self._texts("ui.form.choose"))
        combo.setCurrentIndex(combo.findData(field.value))
        combo.currentIndexChanged.connect(lambda _index: self.changed.emit(self.values()))
        return combo

    def values(self) -> dict[str, str]:
        """Return what stands in every entry."""
        return {key: _value(entry.edit) for key, (_, entry) in self._fields.items()}

    def set_values(self, values: dict[str, str]) -> None:
        """Put a draft's values back."""
        for key, value in values.items():
            if key not in self._fields:
                continue
            edit = self._fields[key][1].edit
            if isinstance(edit, QComboBox):
                edit.setCurrentIndex(max(edit.findData(value), 0))
            elif isinstance(edit, QLineEdit):
                edit.setText(value)

    def submit(self) -> None:
        """Check everything; go on, or say how many fields are wrong and go to the first."""
        values = self.values()
        errors = []
        for key, (field, _) in self._fields.items():
            refusal = self._check(field, values[key])
            if refusal is not None:
                errors.append((key, refusal))
        self.set_errors(tuple(errors))
        if not errors:
            self.submitted.emit(values)

    def set_errors(self, errors: tuple[tuple[str, Refusal], ...]) -> None:
        """Show errors beside their fields; an error of no field stands above the form."""
        by_key = dict(errors)
        for key, (_, entry) in self._fields.items():
            entry.set_error(self._words(by_key.get(key)))
        others = [refusal for key, refusal in errors if key not in self._fields]
        if others:
            self._message.show_sentence(self._sentences.of(others[0]))
        elif errors:
            self._message.show_text(self._texts("ui.form.errors", count=len(errors)), Tone.ERROR)
        else:
            self._message.clear()
        wrong = [key for key in self._fields if key in by_key]
        if wrong:
            self._fields[wrong[0]][1].focus()

    def error_of(self, key: str) -> str:
        """Return the error beside a field, or nothing."""
        return self._fields[key][1].error

    def set_holder(self, name: str, number: str) -> None:
        """Say at the right for whom this is."""
        self.steps.set_holder(name, number)

    def forget(self) -> None:
        """Show nothing of anybody any more."""
        self._fields.clear()
        self._numbers.clear()
        clear(self._known)
        clear(self._entries)
        self.steps.set_holder("", "")
        self.steps.clear_action()

    def set_revealed(self, revealed: bool) -> None:
        """Show numbers in clear while their key is held."""
        for number in (*self._numbers, self.steps.number):
            number.set_revealed(revealed)

    def set_loading(self) -> None:
        """Say that the form is being made."""
        self.steps.clear_action()
        self._page.show_busy(self._texts("ui.form.loading"))

    def set_problem(self, refusal: Refusal) -> None:
        """Say why there is no form."""
        self.steps.clear_action()
        self._page.show_problem(self._sentences.of(refusal), self._texts("ui.form.to_profile"))

    def focus_first(self) -> None:
        """Put the focus into the first entry."""
        for _, entry in self._fields.values():
            entry.focus()
            return
        self.steps.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _words(self, refusal: Refusal | None) -> str:
        return self._sentences.of(refusal).text if refusal is not None else ""

    def _left(self, key: str) -> None:
        field, entry = self._fields[key]
        entry.set_error(self._words(self._check(field, _value(entry.edit))))

    def _go_on(self, key: str) -> None:
        keys = list(self._fields)
        after = keys.index(key) + 1
        if after < len(keys):
            self._fields[keys[after]][1].focus()
        else:
            self.steps.button.setFocus(Qt.FocusReason.OtherFocusReason)


def _value(edit: QWidget) -> str:
    if isinstance(edit, QComboBox):
        return str(edit.currentData() or "")
    return edit.text() if isinstance(edit, QLineEdit) else ""
