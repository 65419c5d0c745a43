"""Puts fonts, palette and style sheet on the application; may be called again at any time."""

from __future__ import annotations

from typing import cast

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QLabel, QWidget

import resources
from ui.theme.palette import make_palette
from ui.theme.stylesheet import make_stylesheet
from ui.theme.tokens import FAMILIES, SETS, SIZES, Colours, Contrast, Type, pixels

TEXT_FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")
RARE_FONT = "YikatongFallback.ttf"
_CONTRAST = "yikatong_contrast"
_LOOK = "yikatong_look"


def apply_theme(app: QApplication, scale: float = 1.0, contrast: str = Contrast.LIGHT) -> None:
    """Set the look; scale is 1.0 to 2.0, contrast "light" or "high"; raises ValueError for any other.

    Rare names need `load_rare_font` too.
    """
    if not 1.0 <= scale <= 2.0:
        raise ValueError(f"scale {scale} is not between 1.0 and 2.0")
    chosen = Contrast(contrast)
    look = f"{chosen} {scale}"
    if app.property(_LOOK) == look:
        return
    colours = SETS[chosen]
    _load(FAMILIES[0], TEXT_FONTS)
    app.setStyle("Fusion")
    app.setProperty(_CONTRAST, str(chosen))
    font = QFont()
    font.setFamilies(list(FAMILIES))
    font.setPixelSize(pixels(Type.BODY, scale))
    app.setFont(font)
    app.setPalette(make_palette(colours))
    chevron = resources.path("icons", f"chevron-{chosen}.svg").as_posix()
    app.setProperty(_LOOK, look)
    app.setStyleSheet(make_stylesheet(colours, chosen, scale, chevron))


def load_rare_font() -> None:
    """Give Qt the font of rare names, once: Qt reads each of its characters, so a start does not wait for it."""
    _load(FAMILIES[1], (RARE_FONT,))


def _load(family: str, files: tuple[str, ...]) -> None:
    """Give the program's own fonts to Qt, once; a missing file leaves the system's fonts."""
    if family in QFontDatabase.families():
        return
    for name in files:
        file = resources.path("fonts", name)
        if file.exists():
            QFontDatabase.addApplicationFont(str(file))


def scale_in_use() -> float:
    """Return the scale factor of the theme in use."""
    return QApplication.font().pixelSize() / SIZES[Type.BODY]


def colours_in_use() -> Colours:
    """Return the colours of the theme in use; light before any theme was applied."""
    app = cast(QApplication, QApplication.instance())
    return SETS[Contrast(app.property(_CONTRAST) or Contrast.LIGHT)]


def set_style(widget: QWidget, **properties: str | bool) -> None:
    """Set style properties of a widget; where one changes, it and the words in it are styled again."""
    wanted = {name: "true" if value is True else "" if value is False else value for name, value in properties.items()}
    if all(widget.property(name) == value for name, value in wanted.items()):
        return
    for name, value in wanted.items():
        widget.setProperty(name, value)
    for each in (widget, *widget.findChildren(QLabel)):
        each.style().unpolish(each)
        each.style().polish(each)
        each.update()
