"""Each rule finds the fault it is for, in a window made to have it, and none in the same window put right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QPainter, QPalette, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.a11y.lint import RULES, lint
from ui.theme.apply import apply_theme
from ui.widgets.data_table import Cell, data_table, fill
from ui.widgets.labelled import labelled


class PaintedLight(QWidget):
    def paintEvent(self, _event) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.darkGreen)
        painter.end()


class Sealed(QCheckBox):
    """A push button in name only is hard to make; a check box without Toggle stands for it."""


def _column(*widgets: QWidget) -> QWidget:
    window = QWidget()
    layout = QVBoxLayout(window)
    for widget in widgets:
        layout.addWidget(widget)
    return window


def _nameless_edit() -> QWidget:
    return _column(QLabel("姓名"), QLineEdit())


def _icon_only() -> QWidget:
    return _column(QToolButton())


def _role_in_name() -> QWidget:
    return _column(QPushButton("读卡按钮"))


def _private_character() -> QWidget:
    return _column(QPushButton("\ue5d2 菜单"))


def _repeating_description() -> QWidget:
    button = QPushButton("读卡")
    button.setAccessibleDescription("读卡")
    return _column(button)


def _twins() -> QWidget:
    return _column(QPushButton("打开"), QPushButton("打开"))


def _outside() -> QWidget:
    button = QPushButton("读卡")
    window = _column(QPushButton("叫号"))
    button.setParent(window)
    button.move(-300, 0)
    return window


def _tiny() -> QWidget:
    label = QLabel("号")
    label.setFixedSize(3, 3)
    return _column(label)


def _combo_without_label() -> QWidget:
    combo = QComboBox()
    combo.addItems(["甲", "乙"])
    return _column(combo)


def _focusable_client() -> QWidget:
    plain = QWidget()
    plain.setAccessibleName("区域")
    plain.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    plain.setMinimumSize(40, 40)
    return _column(plain)


def _painted_light() -> QWidget:
    light = PaintedLight()
    light.setMinimumSize(40, 40)
    return _column(light)


def _mouse_only() -> QWidget:
    button = QPushButton("读卡")
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return _column(button)


def _endless_progress() -> QWidget:
    bar = QProgressBar()
    bar.setAccessibleName("制卡进度")
    bar.setRange(0, 0)
    return _column(bar)


def _echo() -> QWidget:
    outer = QPushButton("读卡")
    inner = QPushButton("读卡", outer)
    inner.move(2, 2)
    outer.setMinimumSize(200, 60)
    return _column(outer)


def _table_trap() -> QWidget:
    table = QTableWidget(2, 2)
    table.setAccessibleName("清单")
    return _column(QPushButton("前"), table, QPushButton("后"))


def _backwards() -> QWidget:
    first, second, third = QPushButton("一"), QPushButton("二"), QPushButton("三")
    window = _column(first, second, third)
    QWidget.setTabOrder(first, third)
    QWidget.setTabOrder(third, second)
    return window


def _backwards_in_a_row() -> QWidget:
    first, second, third = QPushButton("一"), QPushButton("二"), QPushButton("三")
    window = QWidget()
    layout = QHBoxLayout(window)
    for button in (first, second, third):
        layout.addWidget(button)
    QWidget.setTabOrder(first, third)
    QWidget.setTabOrder(third, second)
    return window


def _grey_on_grey() -> QWidget:
    label = QLabel("看不清的字")
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.WindowText, "#c0c4cc")
    label.setPalette(palette)
    label.setStyleSheet("color: #c0c4cc; font-size: 18px;")
    return _column(label)


def _clipped_label() -> QWidget:
    label = QLabel("这一行字太长放不下")
    label.setFixedWidth(40)
    return _column(label)


def _clipped_paragraph() -> QWidget:
    label = QLabel("这一段字要好几行才放得下，但是只给了一行的高度。" * 2)
    label.setWordWrap(True)
    label.setFixedSize(200, 20)
    return _column(label)


def _clipped_button() -> QWidget:
    button = QPushButton("确认受理这项业务")
    button.setFixedWidth(50)
    return _column(button)


def _same_key_twice() -> QWidget:
    window = _column(QPushButton("读卡"))
    for action in ("one", "two"):
        QShortcut(QKeySequence("F2"), window).setObjectName(action)
    return window


def _plain_letter() -> QWidget:
    window = _column(QPushButton("读卡"))
    QShortcut(QKeySequence("E"), window).setObjectName("edit")
    return window


def _wrong_key_shown() -> QWidget:
    button = QPushButton("F2 读卡")
    button.setProperty("action", "read_card")
    button.setProperty("keys", "F2")
    window = _column(button)
    QShortcut(QKeySequence("F3"), window).setObjectName("read_card")
    return window


def _key_not_shown() -> QWidget:
    button = QPushButton("读卡")
    button.setProperty("action", "read_card")
    button.setProperty("keys", "F2")
    window = _column(button)
    QShortcut(QKeySequence("F2"), window).setObjectName("read_card")
    return window


FAULTS: list[tuple[str, Callable[[], QWidget]]] = [
    ("R01", _nameless_edit),
    ("R01", _icon_only),
    ("R02", _role_in_name),
    ("R02", _private_character),
    ("R03", _repeating_description),
    ("R04", _twins),
    ("R05", _outside),
    ("R05", _tiny),
    ("R06", _combo_without_label),
    ("R07", _focusable_client),
    ("R07", _painted_light),
    ("R08", _mouse_only),
    ("R09", _endless_progress),
    ("R10", _echo),
    ("R11", _table_trap),
    ("R12", _backwards),
    ("R12", _backwards_in_a_row),
    ("R13", _grey_on_grey),
    ("R16", _clipped_label),
    ("R16", _clipped_paragraph),
    ("R16", _clipped_button),
    ("R18", _same_key_twice),
    ("R18", _plain_letter),
    ("R18", _wrong_key_shown),
    ("R18", _key_not_shown),
]


def _findings(qtbot, window: QWidget) -> list:
    qtbot.addWidget(window)
    window.setWindowTitle("试验")
    window.show()
    qtbot.waitExposed(window)
    return lint(window)


@pytest.mark.parametrize(("rule", "make"), FAULTS, ids=[f"{rule}{make.__name__}" for rule, make in FAULTS])
def test_rule_finds_its_fault(qtbot, qapp, rule: str, make: Callable[[], QWidget]) -> None:
    apply_theme(qapp)
    assert rule in {finding.rule for finding in _findings(qtbot, make())}


def test_every_rule_has_a_fault_that_it_finds() -> None:
    assert {rule_id for rule in RULES for rule_id in rule.ids.split()} == {rule for rule, _ in FAULTS}


def test_window_put_right_has_no_findings(qtbot, qapp) -> None:
    apply_theme(qapp)
    combo = QComboBox()
    combo.addItems(["遗失", "被盗"])
    bar = QProgressBar()
    bar.setAccessibleName("制卡进度")
    bar.setValue(40)
    table = data_table("清单", ("业务", "状态"))
    fill(table, [(Cell("临时挂失"), Cell("待上送"))])
    window = _column(
        labelled(QLineEdit(), "姓名", "必填").frame,
        labelled(combo, "挂失原因").frame,
        QPushButton("读卡"),
        QCheckBox("已核对"),
        bar,
        table,
        QPushButton("叫号"),
    )
    window.resize(700, 600)
    assert [str(finding) for finding in _findings(qtbot, window)] == []
