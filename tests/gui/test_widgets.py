"""The few own widgets."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.catalogue.sentences import Sentence
from ui import sample_values
from ui.theme.apply import apply_theme
from ui.theme.tokens import Tone
from ui.widgets.banner import Banner
from ui.widgets.busy import Busy
from ui.widgets.data_table import Cell, data_table, fill
from ui.widgets.device_light import DeviceLight, DeviceView
from ui.widgets.flow import AdaptiveGrid, FlowLayout
from ui.widgets.labelled import labelled
from ui.widgets.masked_label import MaskedLabel, masked_text
from ui.widgets.message_line import MessageLine
from ui.widgets.receipt_view import ReceiptPages
from ui.widgets.state_page import StatePage
from ui.widgets.status_chip import StatusChip

NUMBER = sample_values.CITIZEN_NUMBER


@pytest.fixture(autouse=True)
def _theme(qapp) -> None:
    apply_theme(qapp)


def _read(widget: QWidget, what: QAccessible.Text = QAccessible.Text.Name) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(what)


def test_number_is_masked_until_it_is_revealed(qtbot) -> None:
    label = MaskedLabel(NUMBER)
    qtbot.addWidget(label)
    assert label.text() == f"{NUMBER[:6]} ******** {NUMBER[14:]}"
    assert NUMBER[6:14] not in _read(label)
    label.set_revealed(True)
    assert label.text() == f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"
    label.set_revealed(False)
    assert NUMBER[6:14] not in label.text()


def test_another_number_is_masked_again(qtbot) -> None:
    label = MaskedLabel(NUMBER)
    qtbot.addWidget(label)
    label.set_revealed(True)
    label.set_number("110101190001010000")
    assert not label.revealed
    assert "19000101" not in label.text()
    label.set_number("")
    assert label.text() == ""


def test_mouse_held_on_the_number_asks_for_it(qtbot) -> None:
    label = MaskedLabel(NUMBER)
    qtbot.addWidget(label)
    asked = []
    label.reveal_wanted.connect(asked.append)
    qtbot.mousePress(label, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    qtbot.mouseRelease(label, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert asked == [True, False]


def test_numbers_inside_a_text_are_masked() -> None:
    grouped = f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"
    for shown in (NUMBER, grouped):
        assert masked_text(f"号码 {shown}。") == f"号码 {NUMBER[:6]} ******** {NUMBER[14:]}。"
    assert masked_text("13900000000 与 35010220261022030017") == "13900000000 与 35010220261022030017"


def test_field_says_its_name_requirement_and_error(qtbot) -> None:
    edit = QLineEdit()
    field = labelled(edit, "联系电话", "必填", "11 位手机号")
    qtbot.addWidget(field.frame)
    assert _read(edit) == "联系电话"
    assert _read(edit, QAccessible.Text.Description) == "必填，11 位手机号"
    field.set_error("不是手机号。")
    assert field.error == "不是手机号。"
    assert _read(edit, QAccessible.Text.Description) == "不是手机号。"
    field.set_error("")
    assert field.error == ""
    assert _read(edit, QAccessible.Text.Description) == "必填，11 位手机号"


def test_chip_has_its_own_shape_for_each_tone(qtbot) -> None:
    pictures = set()
    for tone in Tone:
        chip = StatusChip("状态", tone, ground=False)
        qtbot.addWidget(chip)
        chip.resize(chip.sizeHint())
        grey = chip.grab().toImage().convertToFormat(chip.grab().toImage().Format.Format_Mono)
        pictures.add(bytes(grey.constBits()))
        assert _read(chip) == "状态"
    assert len(pictures) == len(Tone)


def test_light_says_its_state_in_words(qtbot) -> None:
    light = DeviceLight(DeviceView("读卡器", "ok", "卡在位"))
    qtbot.addWidget(light)
    assert _read(light) == "读卡器 卡在位"
    light.set_device(DeviceView("读卡器", "off", "未连接"))
    assert _read(light) == "读卡器 未连接"


def test_banner_hides_when_there_is_nothing_to_say(qtbot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    assert banner.isHidden()
    banner.show_text("省平台未连接。", Tone.WARN)
    assert not banner.isHidden()
    assert banner.text == "省平台未连接。"


def test_message_says_sentence_remedy_and_code(qtbot) -> None:
    line = MessageLine()
    qtbot.addWidget(line)
    line.show_sentence(Sentence("NO-PAPER", "缺纸。", "请加纸。"))
    said = [label.text() for label in line.findChildren(QLabel)]
    assert "缺纸。请加纸。" in said
    assert "NO-PAPER" in said
    line.clear()
    assert line.isHidden()


def test_wait_tells_the_seconds_after_a_while(qtbot) -> None:
    busy = Busy(lambda seconds: f"{seconds} 秒")
    qtbot.addWidget(busy)
    busy.show()
    busy.start("正在读卡…")
    labels = busy.findChildren(QLabel)
    assert [label.text() for label in labels] == ["正在读卡…", ""]
    qtbot.waitUntil(lambda: labels[1].text() == "1 秒", timeout=3000)
    busy.hide()


def test_table_lets_tab_out_and_has_words_in_every_cell(qtbot) -> None:
    table = data_table("清单", ("业务", "状态"))
    qtbot.addWidget(table)
    fill(table, [(Cell("临时挂失"), Cell("", Tone.WARN)), (Cell("受理登记", strong=True), Cell("已受理", Tone.OK))])
    assert not table.tabKeyNavigation()
    assert [table.item(row, 1).text() for row in range(2)] == ["—", "已受理"]
    assert not table.item(0, 1).icon().isNull()
    assert table.item(1, 0).font().bold()
    assert table.accessibleName() == "清单"


def test_table_keeps_the_chosen_row_when_it_is_filled_again(qtbot) -> None:
    table = data_table("清单", ("业务",))
    qtbot.addWidget(table)
    fill(table, [(Cell(str(number)),) for number in range(5)])
    assert table.currentRow() == -1
    table.setCurrentCell(3, 0)
    fill(table, [(Cell(str(number)),) for number in range(5)])
    assert table.currentRow() == 3
    fill(table, [(Cell("0"),)])
    assert table.currentRow() == 0


@pytest.mark.parametrize(("width", "way"), [(900, "stretched"), (330, "wrapped"), (120, "scrolled")])
def test_table_wraps_before_it_scrolls(qtbot, qapp, width: int, way: str) -> None:
    table = data_table("清单", ("说明", "电话"))
    fill(table, [(Cell("一段要写好多字才能说清楚的话，窄了就要换行"), Cell("13900000000"))])
    qtbot.addWidget(table)
    table.resize(width, 300)
    table.show()
    qtbot.waitExposed(table)
    qapp.processEvents()
    lines = table.rowHeight(0) > 2 * table.fontMetrics().height()
    sideways = table.horizontalScrollBar().maximum() > 0
    assert (lines, sideways) == {"stretched": (False, False), "wrapped": (True, False), "scrolled": (False, True)}[way]


def test_flow_wraps_and_keeps_the_later_ones_at_the_right(qtbot, qapp) -> None:
    window = QWidget()
    flow = FlowLayout(window, gap=10, line_gap=4)
    left = [QLabel("左") for _ in range(2)]
    right = QLabel("右")
    for label in (*left, right):
        label.setFixedSize(100, 20)
    for label in left:
        flow.addWidget(label)
    flow.right_from_here()
    flow.addWidget(right)
    qtbot.addWidget(window)
    window.resize(400, 100)
    window.show()
    qtbot.waitExposed(window)
    assert [label.x() for label in (*left, right)] == [0, 110, 300]
    assert flow.heightForWidth(400) == 20
    assert flow.heightForWidth(230) == 44
    assert flow.heightForWidth(100) == 68
    assert flow.itemAt(9) is None
    assert flow.takeAt(0).widget() is left[0]
    assert flow.takeAt(9) is None
    assert flow.count() == 2


def test_grid_takes_as_many_columns_as_fit(qtbot) -> None:
    window = QWidget()
    grid = AdaptiveGrid(100, 3, gap=10)
    window.setLayout(grid)
    pieces = [QLabel(str(number)) for number in range(3)]
    for piece in pieces:
        piece.setMinimumHeight(30)
        grid.addWidget(piece)
    qtbot.addWidget(window)
    window.resize(320, 60)
    window.show()
    qtbot.waitExposed(window)
    assert [piece.x() for piece in pieces] == [0, 110, 220]
    assert grid.heightForWidth(320) == 30
    assert grid.heightForWidth(215) == 70
    assert grid.heightForWidth(120) == 110
    assert grid.takeAt(5) is None
    assert grid.itemAt(0).widget() is pieces[0]


def test_receipt_pages_are_named_and_zoom(qtbot, texts) -> None:
    pages = ReceiptPages(texts)
    qtbot.addWidget(pages)
    pages.resize(900, 700)
    pages.set_pages("受理回执", sample_values.pages())
    pages.show()
    qtbot.waitExposed(pages)
    sheet = next(label for label in pages.findChildren(QLabel) if not label.pixmap().isNull())
    assert sheet.accessibleName() == texts("ui.receipt.page", title="受理回执", number=1, total=1)
    width = sheet.pixmap().width()
    pages.set_zoom(2.0)
    assert sheet.pixmap().width() == 2 * width
    pages.set_zoom(100.0)
    assert pages.zoom == 3.0
    pages.set_zoom(1.0)
    assert sheet.pixmap().width() == width


def test_action_of_a_failed_page_gets_the_focus_but_takes_it_from_nobody_who_types(qtbot, texts) -> None:
    window = QWidget()
    layout = QVBoxLayout(window)
    page, edit, aside = StatePage(QLabel("内容"), texts), QLineEdit(), QPushButton("旁边")
    for widget in (page, edit, aside):
        layout.addWidget(widget)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    sentence = Sentence("X-1", "读不出来。", "请重试。")
    aside.setFocus()
    page.show_problem(sentence, "重试")
    with qtbot.waitSignal(page.acted):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    aside.setFocus()
    page.show_problem(sentence, "重试")
    assert window.focusWidget() is aside, "the same trouble again moves nothing"
    page.show_content()
    edit.setFocus()
    page.show_problem(sentence, "重试")
    assert window.focusWidget() is edit


def test_page_says_why_there_is_nothing_and_offers_one_thing(qtbot, texts) -> None:
    page = StatePage(QLabel("内容"), texts)
    qtbot.addWidget(page)
    page.show_problem(Sentence("X-1", "读不出来。", "请重试。"), "重试")
    assert page.said == "读不出来。"
    page.show_empty("空", "没有。", "请读卡。", "读卡")
    assert page.said == "没有。"
    page.show_busy("正在读卡…")
    assert page.said == ""
    page.show_content()
    assert page.said == ""
