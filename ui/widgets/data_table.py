"""Tables that Tab leaves again, whose every cell has words and whose rows are as high as their text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
)

from ui.a11y.names import give_name
from ui.theme.apply import colours_in_use, scale_in_use
from ui.theme.tokens import Tone
from ui.widgets.shapes import mark_icon

_UNBREAKABLE = re.compile(r"[\x21-\x7e]+|[^\x00-\x7f]{1,2}")
GAP = 12
"""Between the words of one column and the next, in px."""
CELL_MARGINS = 8 + GAP
"""What the style puts around the words of a cell, and the gap."""
READABLE = 120
"""Least width in px at scale 1 for the words that wrap first, those of the column that stretches."""
LONGEST = 360
"""Widest column in px at scale 1; longer words wrap."""


@dataclass(frozen=True)
class Cell:
    """One cell: words, and for a status the tone that gives them shape and colour."""

    text: str
    tone: Tone | None = None
    strong: bool = False


class DataTable(QTableWidget):
    """One column takes the room that is left; its words are the first to wrap."""

    def __init__(self, columns: int, stretch: int) -> None:
        super().__init__(0, columns)
        self._stretch = stretch

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Decide again whether the columns fit."""
        super().resizeEvent(event)
        self.fit()

    def sizeHintForColumn(self, column: int) -> int:
        """Return the widest cell and a gap; padding in the style sheet would be left out when words wrap."""
        return super().sizeHintForColumn(column) + GAP

    def fit(self) -> None:
        """Share out the width: one line each, else the stretching column wraps, else all, else scrolling sideways."""
        self._share_out()
        # Rows are as high as the new widths make them, and the page must hear of it.
        self.resizeRowsToContents()
        self.updateGeometry()

    def _share_out(self) -> None:
        header = self.horizontalHeader()
        room = self.viewport().width()
        columns = range(self.columnCount())
        wanted = [max(header.sectionSizeHint(column), self.sizeHintForColumn(column)) for column in columns]
        others = sum(wanted) - wanted[self._stretch]
        if others + min(wanted[self._stretch], round(READABLE * scale_in_use())) <= room:
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.setSectionResizeMode(self._stretch, QHeaderView.ResizeMode.Stretch)
            return
        least = [min(self._least(column), wanted[column]) for column in columns]
        if sum(least) > room:
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            return
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        share = (room - sum(least)) / (sum(wanted) - sum(least))
        for column in columns:
            header.resizeSection(column, int(least[column] + (wanted[column] - least[column]) * share))

    def _least(self, column: int) -> int:
        header = self.horizontalHeader().sectionSizeHint(column)
        items = (self.item(row, column) for row in range(self.rowCount()))
        return max([header, *(_least_width(item) for item in items if item is not None)])


def _least_width(item: QTableWidgetItem) -> int:
    font = QFont(QApplication.font())
    font.setBold(item.font().bold())
    metrics = QFontMetrics(font)
    words = max((metrics.horizontalAdvance(word) for word in _UNBREAKABLE.findall(item.text())), default=0)
    icon = 0 if item.icon().isNull() else item.icon().actualSize(QSize(256, 256)).width() + 4
    return words + icon + CELL_MARGINS


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
    # `fit` makes rows as high as their words; a header that follows its contents would do so again for every cell.
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    return table


def fill(table: DataTable, rows: Sequence[Sequence[Cell]]) -> None:
    """Show rows of cells, keeping the chosen row number where there still is one."""
    chosen = table.currentRow()
    # A column that follows its contents would be measured again for every cell.
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.setRowCount(len(rows))
    tones = {cell.tone for cells in rows for cell in cells if cell.tone is not None}
    marks = {tone: mark_icon(tone, colours_in_use().tone(tone).text, round(12 * scale_in_use())) for tone in tones}
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            table.setItem(row, column, _item(cell, marks))
    if rows and chosen >= 0:
        table.setCurrentCell(min(chosen, len(rows) - 1), 0)
    table.fit()


def _item(cell: Cell, marks: Mapping[Tone, QIcon]) -> QTableWidgetItem:
    item = QTableWidgetItem(cell.text or "—")
    if cell.tone is not None:
        item.setIcon(marks[cell.tone])
        item.setForeground(QBrush(QColor(colours_in_use().tone(cell.tone).text)))
    if cell.strong:
        font = QFont(item.font())
        font.setBold(True)
        item.setFont(font)
    return item
