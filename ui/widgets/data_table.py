"""Tables that Tab leaves again, whose every cell has words and whose rows are as high as their text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QHeaderView, QTableWidget, QTableWidgetItem

from ui.a11y.names import give_name
from ui.theme.apply import colours_in_use, scale_in_use
from ui.theme.tokens import Tone
from ui.widgets.shapes import mark_icon

LONGEST = 360
"""Widest column in px at scale 1; longer words wrap."""


@dataclass(frozen=True)
class Cell:
    """One cell: words, and for a status the tone that gives them shape and colour."""

    text: str
    tone: Tone | None = None
    strong: bool = False


class DataTable(QTableWidget):
    """One column takes the room that is left, as long as every column's words fit."""

    def __init__(self, columns: int, stretch: int) -> None:
        super().__init__(0, columns)
        self._stretch = stretch

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Decide again whether the columns fit."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Stretch the one column, or let the table scroll sideways."""
        header = self.horizontalHeader()
        needed = sum(
            max(header.sectionSizeHint(column), self.sizeHintForColumn(column)) for column in range(self.columnCount())
        )
        fits = needed <= self.viewport().width()
        mode = QHeaderView.ResizeMode.Stretch if fits else QHeaderView.ResizeMode.ResizeToContents
        header.setSectionResizeMode(self._stretch, mode)


def data_table(name: str, headers: Sequence[str], *, stretch: int = 0) -> DataTable:
    """Make a read-only table; `stretch` is the column that takes what room is left."""
    table = DataTable(len(headers), stretch)
    give_name(table, name)
    table.setHorizontalHeaderLabels(list(headers))
    table.verticalHeader().hide()
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(True)
    table.setCornerButtonEnabled(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setSizeAdjustPolicy(QAbstractScrollArea.SizeAdjustPolicy.AdjustToContents)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setMaximumSectionSize(round(LONGEST * scale_in_use()))
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    return table


def fill(table: DataTable, rows: Sequence[Sequence[Cell]]) -> None:
    """Show rows of cells, keeping the chosen row number where there still is one."""
    chosen = table.currentRow()
    table.setRowCount(len(rows))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            table.setItem(row, column, _item(cell))
    if rows and chosen >= 0:
        table.setCurrentCell(min(chosen, len(rows) - 1), 0)
    table.fit()


def _item(cell: Cell) -> QTableWidgetItem:
    item = QTableWidgetItem(cell.text or "—")
    if cell.tone is not None:
        pair = colours_in_use().tone(cell.tone)
        item.setIcon(mark_icon(cell.tone, pair.text, round(12 * scale_in_use())))
        item.setForeground(QBrush(QColor(pair.text)))
    if cell.strong:
        font = QFont(item.font())
        font.setBold(True)
        item.setFont(font)
    return item
