"""Two layouts that keep everything readable when text grows: a flow of pieces, and cards in columns."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Pieces side by side, wrapped into as many lines as the width asks; the later ones may sit at the right."""

    def __init__(self, parent: QWidget | None = None, gap: int = 8, line_gap: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        self._right_from: int | None = None
        self._gap = gap
        self._line_gap = line_gap
        self.setContentsMargins(0, 0, 0, 0)

    def right_from_here(self) -> None:
        """Put every widget added from now on at the right end of its line."""
        self._right_from = len(self._items)

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item (Qt's own interface)."""
        self._items.append(item)
        self.invalidate()

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or None past the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give an item away, or None past the end."""
        if not 0 <= index < len(self._items):
            return None
        if self._right_from is not None and index < self._right_from:
            self._right_from -= 1
        self._heights.clear()
        return self._items.pop(index)

    def expandingDirections(self) -> Qt.Orientation:
        """Ask for no more room than needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Tell that height follows width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that a width asks for, in px."""
        # Every layout around this one asks several times a pass, and each answer asks all that is within.
        if width not in self._heights:
            self._heights[width] = self._arrange(QRect(0, 0, width, 0), place=False)
        return self._heights[width]

    def invalidate(self) -> None:
        """Forget what was measured: something within changed (Qt's own interface)."""
        self._heights.clear()
        super().invalidate()

    def sizeHint(self) -> QSize:
        """Return the size of one single line."""
        margins = self.contentsMargins()
        shown = self._shown()
        width = sum(item.sizeHint().width() for _, item in shown) + self._gap * max(len(shown) - 1, 0)
        height = max((item.sizeHint().height() for _, item in shown), default=0)
        return QSize(width + margins.left() + margins.right(), height + margins.top() + margins.bottom())

    def minimumSize(self) -> QSize:
        """Return the size of the widest single item."""
        margins = self.contentsMargins()
        sizes = [item.minimumSize() for _, item in self._shown()]
        width = max((size.width() for size in sizes), default=0)
        height = max((size.height() for size in sizes), default=0)
        return QSize(width + margins.left() + margins.right(), height + margins.top() + margins.bottom())

    def setGeometry(self, rect: QRect) -> None:
        """Place every item within the rectangle."""
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def _shown(self) -> list[tuple[bool, QLayoutItem]]:
        right_from = len(self._items) if self._right_from is None else self._right_from
        return [(index >= right_from, item) for index, item in enumerate(self._items) if not item.isEmpty()]

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        margins = self.contentsMargins()
        area = rect.adjusted(margins.left(), margins.top(), -margins.right(), -margins.bottom())
        top = area.top()
        for line in self._lines(max(area.width(), 1)):
            height = max(size.height() for _, _, size in line)
            if place:
                self._place(line, area, top, height)
            top += height + self._line_gap
        used = top - self._line_gap if top > area.top() else top
        return used - rect.top() + margins.bottom()

    def _lines(self, width: int) -> list[list[tuple[bool, QLayoutItem, QSize]]]:
        lines: list[list[tuple[bool, QLayoutItem, QSize]]] = []
        used = 0
        for right, item in self._shown():
            size = _size_within(item, width)
            if lines and used + self._gap + size.width() <= width:
                lines[-1].append((right, item, size))
                used += self._gap + size.width()
            else:
                lines.append([(right, item, size)])
                used = size.width()
        return lines

    def _place(self, line: list[tuple[bool, QLayoutItem, QSize]], area: QRect, top: int, height: int) -> None:
        left = area.left()
        tail = sum(size.width() + self._gap for right, _, size in line if right) - self._gap
        at_right = False
        for right, item, size in line:
            if right and not at_right:
                left, at_right = max(left, area.right() + 1 - tail), True
            item.setGeometry(QRect(QPoint(left, top + (height - size.height()) // 2), size))
            left += size.width() + self._gap


def _size_within(item: QLayoutItem, width: int) -> QSize:
    hint = item.sizeHint().expandedTo(item.minimumSize())
    if hint.width() <= width and not item.hasHeightForWidth():
        return hint
    taken = min(hint.width(), width)
    return QSize(taken, item.heightForWidth(taken) if item.hasHeightForWidth() else hint.height())


class AdaptiveGrid(QLayout):
    """Equal columns, as many as the least width of a piece allows, never more than `columns`."""

    def __init__(self, least_width: int, columns: int, gap: int = 12, weights: tuple[int, ...] = ()) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        self._least = least_width
        self._columns = columns
        self._gap = gap
        self._weights = weights
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item (Qt's own interface)."""
        self._items.append(item)
        self.invalidate()

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or None past the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give an item away, or None past the end."""
        if not 0 <= index < len(self._items):
            return None
        self._heights.clear()
        return self._items.pop(index)

    def expandingDirections(self) -> Qt.Orientation:
        """Ask for all the width there is."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """Tell that height follows width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that a width asks for, in px."""
        # Every layout around this one asks several times a pass, and each answer asks all that is within.
        if width not in self._heights:
            self._heights[width] = self._arrange(QRect(0, 0, width, 0), place=False)
        return self._heights[width]

    def invalidate(self) -> None:
        """Forget what was measured: something within changed (Qt's own interface)."""
        self._heights.clear()
        super().invalidate()

    def sizeHint(self) -> QSize:
        """Return the size with every column at its least width."""
        margins = self.contentsMargins()
        columns = max(min(self._columns, len(self._items)), 1)
        width = columns * self._least + (columns - 1) * self._gap + margins.left() + margins.right()
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        """Return the size of the widest piece that cannot shrink."""
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        margins = self.contentsMargins()
        width = max((size.width() for size in sizes), default=0) + margins.left() + margins.right()
        height = max((size.height() for size in sizes), default=0) + margins.top() + margins.bottom()
        return QSize(width, height)

    def setGeometry(self, rect: QRect) -> None:
        """Place every item within the rectangle; a single row takes all of the height."""
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        margins = self.contentsMargins()
        area = rect.adjusted(margins.left(), margins.top(), -margins.right(), -margins.bottom())
        around = margins.top() + margins.bottom()
        shown = [item for item in self._items if not item.isEmpty()]
        if not shown:
            return around
        columns = self._fitting(area.width(), len(shown))
        widths = self._widths(area.width(), columns)
        rows = [shown[start : start + columns] for start in range(0, len(shown), columns)]
        top = area.top()
        for row in rows:
            height = max(_height_at(item, width) for item, width in zip(row, widths, strict=False))
            if place and len(rows) == 1:
                height = max(height, area.height())
            left = area.left()
            for item, width in zip(row, widths, strict=False):
                if place:
                    item.setGeometry(QRect(left, top, width, height))
                left += width + self._gap
            top += height + self._gap
        return top - self._gap - area.top() + around

    def _fitting(self, width: int, pieces: int) -> int:
        most = max(1, min(self._columns, pieces))
        if most * (self._least + self._gap) - self._gap <= width:
            return most
        return max(1, min(most, (width + self._gap) // (self._least + self._gap)))

    def _widths(self, width: int, columns: int) -> list[int]:
        room = width - self._gap * (columns - 1)
        weights = self._weights if len(self._weights) == columns else (1,) * columns
        edges = [room * sum(weights[:index]) // sum(weights) for index in range(columns + 1)]
        return [right - left for left, right in itertools.pairwise(edges)]


def _height_at(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
