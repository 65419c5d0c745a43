"""The style sheet, generated from the tokens; widgets choose by the properties `type`, `tone` and `surface`."""

from __future__ import annotations

from ui.theme.tokens import FOCUS_WIDTH, GRID, RADIUS_CARD, RADIUS_CONTROL, Colours, Contrast, Tone, Type, pixels


def make_stylesheet(colours: Colours, contrast: Contrast, scale: float, chevron: str) -> str:
    """Return the style sheet; `chevron` is the path of the combo box arrow for these colours."""
    return "\n".join(
        (
            _types(scale),
            _surfaces(colours, contrast),
            _tones(colours, contrast),
            _buttons(colours),
            _entries(colours, chevron, scale),
            _tables(colours, scale),
        )
    )


def _types(scale: float) -> str:
    sizes = [f'QLabel[type="{kind}"] {{ font-size: {pixels(kind, scale)}px; }}' for kind in Type]
    bold = [f'QLabel[type="{kind}"] {{ font-weight: bold; }}' for kind in (Type.TITLE, Type.HEADING, Type.NUMBER)]
    return "\n".join(
        [*sizes, *bold, 'QLabel[strong="true"] { font-weight: bold; }', 'QLabel[light="true"] { font-weight: normal; }']
    )


def _surfaces(colours: Colours, contrast: Contrast) -> str:
    head_line = colours.line if contrast is Contrast.HIGH else colours.head.ground
    chip_line = colours.line if contrast is Contrast.HIGH else colours.head_chip
    current_line = colours.edge if contrast is Contrast.HIGH else colours.act.ground
    current = colours.head if contrast is Contrast.HIGH else colours.act
    return f"""
QLabel {{ background: transparent; color: {colours.text}; }}
QLabel[muted="true"] {{ color: {colours.muted}; }}
QScrollArea, QScrollArea > QWidget > QWidget[surface="plain"], QWidget[surface="plain"] {{
  background: transparent; border: none; }}
QWidget[surface="page"] {{ background: {colours.page}; }}
QWidget[surface="card"] {{
  background: {colours.card}; border: 1px solid {colours.line}; border-radius: {RADIUS_CARD}px; }}
QWidget[surface="suggested"] {{
  background: {colours.suggested}; border: 2px solid {colours.act.ground}; border-radius: {RADIUS_CARD}px; }}
QWidget[surface="current"] {{
  background: {current.ground}; border: 1px solid {current_line}; border-radius: {RADIUS_CARD}px; }}
QWidget[surface="idle"] {{
  background: {colours.page}; border: 1px solid {colours.line}; border-radius: {RADIUS_CARD}px; }}
QWidget[surface="current"] QLabel {{ color: {current.text}; }}
QWidget[surface="side-left"] {{ background: {colours.card}; border: none; border-right: 1px solid {colours.line}; }}
QWidget[surface="side-right"] {{ background: {colours.card}; border: none; border-left: 1px solid {colours.line}; }}
QWidget[surface="row"] {{ background: transparent; border: none; border-bottom: 1px solid {colours.line}; }}
QWidget[surface="cell"] {{ background: transparent; border: none; border-right: 1px solid {colours.line}; }}
QWidget[surface="lights"] {{ background: {colours.page}; border: none; border-top: 1px solid {colours.line}; }}
QWidget[surface="keys"] {{ background: {colours.card}; border: none; border-top: 1px solid {colours.line}; }}
QWidget[surface="head"] {{ background: {colours.head.ground}; border: none; border-bottom: 1px solid {head_line}; }}
QWidget[surface="head"] QLabel {{ color: {colours.head.text}; }}
QWidget[surface="head"] QLabel[muted="true"] {{ color: {colours.head_muted}; }}
QWidget[surface="head"] QLabel[chip="true"] {{ background: {colours.head_chip}; border: 1px solid {chip_line};
  border-radius: {RADIUS_CONTROL}px; padding: 2px {GRID}px; }}
QLabel[tag="true"] {{ color: {colours.tone(Tone.INFO).text}; background: {colours.tone(Tone.INFO).ground};
  border: 1px solid {colours.line if contrast is Contrast.HIGH else colours.tone(Tone.INFO).ground};
  border-radius: {RADIUS_CONTROL}px; padding: 0 6px; font-weight: bold; }}
"""


def _tones(colours: Colours, contrast: Contrast) -> str:
    rules = []
    for tone in Tone:
        pair = colours.tone(tone)
        line = pair.text if contrast is Contrast.HIGH else pair.ground
        rules.append(
            f'QWidget QLabel[chip="{tone}"] {{ color: {pair.text}; background: {pair.ground}; border: 1px solid {line};'
            f" border-radius: {RADIUS_CONTROL}px; padding: 2px {GRID}px 3px {GRID}px; }}\n"
            f'QWidget QLabel[tone="{tone}"] {{ color: {pair.text}; }}\n'
            f'QWidget[banner="{tone}"] {{ background: {pair.ground}; border: 1px solid {pair.text};'
            f" border-radius: {RADIUS_CONTROL}px; }}\n"
            f'QWidget[banner="{tone}"] QLabel {{ color: {pair.text}; }}'
        )
    rules.append('QFrame[banner][edge="true"] { border-radius: 0; border-left: none; border-right: none; }')
    return "\n".join(rules)


def _ring(selector: str, colours: Colours, vertical: int, horizontal: int) -> str:
    grow = FOCUS_WIDTH - 1
    return f"""
{selector} {{ border: 1px solid {colours.edge}; border-radius: {RADIUS_CONTROL}px;
  padding: {vertical}px {horizontal}px; }}
{selector}:focus {{ border: {FOCUS_WIDTH}px solid {colours.focus};
  padding: {vertical - grow}px {horizontal - grow}px; }}
"""


def _buttons(colours: Colours) -> str:
    off = colours.disabled
    act, quiet = colours.act, colours.tone(Tone.INFO)
    return f"""
QPushButton {{ background: {colours.card}; color: {colours.text}; outline: none; }}
{_ring("QPushButton", colours, 5, 10)}
QPushButton:hover {{ background: {quiet.ground}; color: {quiet.text}; }}
QPushButton:pressed {{ background: {quiet.ground}; border-color: {colours.focus}; }}
QPushButton:disabled {{ background: {off.ground}; color: {off.text}; border-color: {colours.line}; }}
QPushButton[act="true"] {{ background: {act.ground}; color: {act.text}; border-color: {act.ground};
  font-weight: bold; padding: 7px 14px; }}
QPushButton[act="true"]:hover {{ background: {colours.act_pressed}; color: {act.text}; }}
QPushButton[act="true"]:pressed {{ background: {colours.act_pressed}; }}
QPushButton[act="true"]:focus {{ border-color: {colours.focus}; padding: 5px 12px; }}
QPushButton[act="true"]:disabled {{ background: {off.ground}; color: {off.text}; border-color: {colours.line}; }}
QPushButton[act="true"][key="true"] {{ padding: 5px 10px; }}
QPushButton[act="true"][key="true"]:focus {{ padding: 3px 8px; }}
QPushButton[row="true"] {{ background: {colours.card}; border: {FOCUS_WIDTH}px solid {colours.card};
  border-bottom: 1px solid {colours.line}; border-radius: 0; padding: 2px 6px 4px 6px; text-align: left; }}
QPushButton[row="true"]:hover {{ background: {quiet.ground}; }}
QPushButton[row="true"]:focus {{ border: {FOCUS_WIDTH}px solid {colours.focus}; padding: 2px 6px;
  border-radius: {RADIUS_CONTROL}px; }}
"""


def _entries(colours: Colours, chevron: str, scale: float) -> str:
    off = colours.disabled
    error = colours.tone(Tone.ERROR)
    parts = [_ring(selector, colours, 5, 8) for selector in ("QLineEdit", "QComboBox")]
    return (
        "\n".join(parts)
        + f"""
QLineEdit, QComboBox {{ background: {colours.card}; color: {colours.text};
  selection-background-color: {colours.act.ground}; selection-color: {colours.act.text}; }}
QLineEdit[wrong="true"], QComboBox[wrong="true"] {{ border-color: {error.text}; }}
QLineEdit:disabled, QComboBox:disabled {{ background: {off.ground}; color: {off.text}; }}
QComboBox::drop-down {{ border: none; width: {round(24 * scale)}px; }}
QComboBox::down-arrow {{ image: url({chevron}); width: {round(12 * scale)}px; height: {round(12 * scale)}px; }}
QComboBox QAbstractItemView {{ background: {colours.card}; color: {colours.text}; border: 1px solid {colours.edge};
  selection-background-color: {colours.act.ground}; selection-color: {colours.act.text}; }}
"""
    )


def _tables(colours: Colours, scale: float) -> str:
    return f"""
QTableWidget, QListWidget {{ background: {colours.card}; color: {colours.text}; outline: none;
  border: {FOCUS_WIDTH}px solid {colours.card}; border-radius: {RADIUS_CONTROL}px; gridline-color: {colours.line};
  selection-background-color: {colours.selected}; selection-color: {colours.text}; }}
QTableWidget:focus, QListWidget:focus {{ border-color: {colours.focus}; }}
QTableWidget::item {{ border-bottom: 1px solid {colours.line}; padding: 5px 0; }}
QTableWidget::item:selected {{ background: {colours.selected}; color: {colours.text}; }}
QListWidget::item {{ border-bottom: 1px solid {colours.line}; border-left: 4px solid {colours.card}; padding: 5px 4px;
  color: {colours.text}; }}
QListWidget::item:selected {{ background: {colours.selected}; color: {colours.text};
  border-left: 4px solid {colours.act.ground}; }}
QHeaderView {{ background: {colours.card}; border: none; }}
QHeaderView::section {{ background: {colours.card}; color: {colours.muted}; border: none;
  border-bottom: 1px solid {colours.edge}; padding: 4px 10px 4px 3px; font-size: {pixels(Type.SMALL, scale)}px; }}
QTableCornerButton::section {{ background: {colours.card}; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {colours.edge}; min-height: 24px; border-radius: 4px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle:horizontal {{ background: {colours.edge}; min-width: 24px; border-radius: 4px; margin: 2px; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
