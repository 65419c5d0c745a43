"""The palette that Fusion draws with, made of the tokens."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from ui.theme.tokens import Colours


def make_palette(colours: Colours) -> QPalette:
    """Return a palette for a set of colours; disabled text keeps its contrast."""
    palette = QPalette()
    off = colours.disabled
    for role, value in (
        (QPalette.ColorRole.Window, colours.page),
        (QPalette.ColorRole.WindowText, colours.text),
        (QPalette.ColorRole.Base, colours.card),
        (QPalette.ColorRole.AlternateBase, colours.page),
        (QPalette.ColorRole.Text, colours.text),
        (QPalette.ColorRole.Button, colours.card),
        (QPalette.ColorRole.ButtonText, colours.text),
        (QPalette.ColorRole.BrightText, colours.text),
        (QPalette.ColorRole.ToolTipBase, colours.card),
        (QPalette.ColorRole.ToolTipText, colours.text),
        (QPalette.ColorRole.Highlight, colours.act.ground),
        (QPalette.ColorRole.HighlightedText, colours.act.text),
        (QPalette.ColorRole.Link, colours.act.ground),
        (QPalette.ColorRole.LinkVisited, colours.act.ground),
        (QPalette.ColorRole.PlaceholderText, colours.muted),
    ):
        palette.setColor(role, QColor(value))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(off.text))
    for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Button):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(off.ground))
    return palette
