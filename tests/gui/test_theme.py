"""Tokens, contrast, fonts and the focus ring."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QFontInfo, QFontMetrics, QImage, QTextLayout
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.theme.apply import apply_theme, colours_in_use, load_rare_font, scale_in_use
from ui.theme.contrast import ratio
from ui.theme.tokens import FAMILIES, HIGH, LIGHT, SETS, SIZES, Contrast, Tone, Type, pixels
from ui.widgets.act_button import ActButton, plain_button, row_button
from ui.widgets.code_button import CodeButton
from ui.widgets.data_table import Cell, data_table, fill


def test_ratio_is_that_of_the_standard() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21.0)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert ratio("#0b4f9e", "#ffffff") == ratio("#ffffff", "#0b4f9e")


@pytest.mark.parametrize("contrast", list(Contrast))
def test_every_text_can_be_read_on_its_ground(contrast: Contrast) -> None:
    colours = SETS[contrast]
    pairs = [(colours.text, colours.card), (colours.muted, colours.card), (colours.muted, colours.page)]
    pairs += [(colours.text, colours.selected), (colours.text, colours.suggested)]
    pairs += [(colours.head_muted, colours.head.ground), (colours.head.text, colours.head_chip)]
    pairs += [(pair.text, pair.ground) for pair in (*colours.tones.values(), colours.act, colours.head)]
    pairs += [(colours.tone(tone).text, ground) for tone in Tone for ground in (colours.card, colours.selected)]
    pairs += [(colours.disabled.text, colours.disabled.ground), (colours.act.ground, colours.card)]
    assert [pair for pair in pairs if ratio(*pair) < 4.5] == []


@pytest.mark.parametrize("colours", [LIGHT, HIGH], ids=["light", "high"])
def test_edges_and_focus_stand_out_from_what_is_around(colours) -> None:
    for ground in (colours.card, colours.page):
        assert ratio(colours.edge, ground) >= 3
        assert ratio(colours.focus, ground) >= 3
    assert ratio(colours.focus_inner, colours.act.ground) >= 3


def test_type_scale_follows_the_factor(qapp) -> None:
    apply_theme(qapp, scale=1.5)
    assert scale_in_use() == pytest.approx(1.5)
    assert qapp.font().pixelSize() == pixels(Type.BODY, 1.5) == 21
    assert [SIZES[kind] for kind in (Type.TITLE, Type.HEADING, Type.BODY, Type.SMALL)] == [24, 16, 14, 12]
    apply_theme(qapp)
    assert scale_in_use() == 1.0


@pytest.mark.parametrize("scale", [0.9, 2.1])
def test_scale_outside_of_the_range_is_refused(qapp, scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        apply_theme(qapp, scale=scale)


def test_unknown_contrast_is_refused(qapp) -> None:
    with pytest.raises(ValueError, match="dark"):
        apply_theme(qapp, contrast="dark")


def test_own_font_is_used_and_its_digits_are_tabular(qapp) -> None:
    apply_theme(qapp)
    font = qapp.font()
    for bold in (False, True):
        font.setBold(bold)
        assert QFontInfo(font).family() == "Noto Sans SC"
        assert len({QFontMetrics(font).horizontalAdvance(digit) for digit in "0123456789"}) == 1


def test_rare_characters_of_names_have_a_glyph(qapp) -> None:
    apply_theme(qapp)
    metrics = QFontMetrics(qapp.font())
    assert [hex(point) for point in (0x3F06, 0x20BB7) if not metrics.inFontUcs4(point)] == []


def test_high_contrast_is_in_use_after_it_was_asked_for(qapp) -> None:
    apply_theme(qapp, contrast="high")
    assert colours_in_use() is HIGH
    apply_theme(qapp)
    assert colours_in_use() is LIGHT


def _picture(window: QWidget) -> QImage:
    return window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def _changed(before: QImage, after: QImage, area: QRect) -> int:
    count = 0
    for y in range(area.top(), area.bottom() + 1):
        for x in range(area.left(), area.right() + 1):
            first, second = before.pixelColor(x, y).name(), after.pixelColor(x, y).name()
            if first != second and ratio(first, second) >= 3:
                count += 1
    return count


def _table() -> QWidget:
    table = data_table("清单", ("业务", "状态"))
    fill(table, [(Cell("临时挂失"), Cell("待上送"))])
    return table


@pytest.mark.parametrize(
    "make",
    [
        lambda: plain_button("读卡"),
        lambda: ActButton("开始"),
        lambda: row_button("21 正式挂失"),
        lambda: CodeButton("F2", "读卡"),
        lambda: CodeButton("F9", "下一步", act=True),
        QLineEdit,
        QComboBox,
        _table,
    ],
    ids=["plain", "act", "row", "key", "act-key", "line", "combo", "table"],
)
@pytest.mark.parametrize("contrast", list(Contrast))
def test_focus_is_seen_around_the_whole_widget_and_nothing_jumps(qtbot, qapp, make, contrast: Contrast) -> None:
    apply_theme(qapp, contrast=contrast)
    window, other, widget = QWidget(), QPushButton("别处"), make()
    window.setProperty("surface", "card")
    layout = QVBoxLayout(window)
    line = QHBoxLayout()
    line.addWidget(widget)
    layout.addWidget(other)
    layout.addLayout(line)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    other.setFocus()
    qapp.processEvents()
    before, place = _picture(window), widget.geometry()
    widget.setFocus()
    qapp.processEvents()
    after = _picture(window)
    assert widget.geometry() == place
    perimeter = 2 * 2 * (place.width() + place.height()) * 0.8
    assert _changed(before, after, place) >= perimeter
    window.close()
    apply_theme(qapp)


def test_a_rare_name_is_drawn_in_its_font_also_where_it_was_shown_before_the_font_came(qapp, qtbot) -> None:
    apply_theme(qapp)
    label = QLabel("张𪚥")
    qtbot.addWidget(label)
    label.show()
    qtbot.waitExposed(label)
    load_rare_font()
    layout = QTextLayout(label.text(), label.font())
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    assert {run.rawFont().familyName() for run in layout.glyphRuns()} == set(FAMILIES)
