"""Where a receipt's cells stand: rows of one or two cells, wrapped, shrunk and spread over pages. Lengths in points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.services.receipt_fonts import BOLD, REGULAR, ReceiptFonts
from app.services.receipt_lines import broken

LABEL_WIDTHS = (75.0, 75.0)
VALUE_WIDTHS = (207.0, 174.0)
TABLE_WIDTH = sum(LABEL_WIDTHS) + sum(VALUE_WIDTHS)
PADDING = 7.5
BODY_SIZE = 9.5
LEADING = 13.5
ROW_HEIGHTS = (23.0, 20.5, 18.5)
"""Height of a row of one line: the first that keeps the receipt on one page, else the first."""
MOST_LINES = 12
"""A cell with more lines goes on in a row of its own."""

_SMALLEST = 8.5


@dataclass(frozen=True)
class Field:
    """One label with its value; a wide one always has a row of its own."""

    label: str
    value: str
    wide: bool = False
    bold: bool = False


@dataclass(frozen=True)
class Cell:
    """A field whose lines are broken."""

    label: tuple[str, ...]
    lines: tuple[str, ...]
    size: float
    font: str
    label_width: float
    value_width: float


@dataclass(frozen=True)
class Row:
    """Cells side by side that fill the table's width."""

    cells: tuple[Cell, ...]

    def height(self, row_height: float) -> float:
        """Return the height in points, given that of a row of one line."""
        lines = max(max(len(cell.label), len(cell.lines)) for cell in self.cells)
        return row_height + (lines - 1) * LEADING


@dataclass(frozen=True)
class Spread:
    """Rows on their pages, with the height of a row of one line."""

    pages: tuple[tuple[Row, ...], ...]
    row_height: float


def fitting_size(
    fonts: ReceiptFonts, text: str, width: float, sizes: tuple[float, float], font: str = REGULAR
) -> float:
    """Return the largest size between `sizes` (largest, smallest) in which the text keeps to one line."""
    largest, smallest = sizes
    wide = fonts.width(text, largest, font)
    return largest if wide <= width else max(smallest, int(largest * width / wide * 10) / 10)


def wrapped(fonts: ReceiptFonts, text: str, width: float, size: float, font: str = REGULAR) -> tuple[str, ...]:
    """Break a visible text at a width."""
    return broken(text, width, lambda piece: fonts.width(piece, size, font))


def table_rows(fonts: ReceiptFonts, fields: list[Field], continued: Callable[[str], str]) -> list[Row]:
    """Set fields in rows: two short neighbours share one, everything else has its own and wraps."""
    rows: list[Row] = []
    waiting: Field | None = None
    for field in fields:
        if waiting is not None and _is_short(fonts, field, 1):
            rows.append(Row((_half(fonts, waiting, 0), _half(fonts, field, 1))))
            waiting = None
            continue
        if waiting is not None:
            rows += _whole(fonts, waiting, continued)
            waiting = None
        if _is_short(fonts, field, 0):
            waiting = field
        else:
            rows += _whole(fonts, field, continued)
    return rows + (_whole(fonts, waiting, continued) if waiting is not None else [])


def spread(rows: list[Row], first_space: float, later_space: float, foot: float) -> Spread:
    """Spread rows over pages; the last page also has room for the foot."""
    for row_height in ROW_HEIGHTS:
        if sum(row.height(row_height) for row in rows) + foot <= first_space:
            return Spread((tuple(rows),), row_height)
    return Spread(_several(rows, first_space, later_space, foot), ROW_HEIGHTS[0])


def _several(rows: list[Row], first: float, later: float, foot: float) -> tuple[tuple[Row, ...], ...]:
    pages: list[list[Row]] = [[]]
    left = first
    for row in rows:
        height = row.height(ROW_HEIGHTS[0])
        if height > left and pages[-1]:
            pages.append([])
            left = later
        pages[-1].append(row)
        left -= height
    if foot > left:
        # A foot alone on a page would look like a slip of another receipt: the last row goes with it.
        last = pages[-1].pop()
        pages.append([last])
    return tuple(tuple(page) for page in pages if page)


def _is_short(fonts: ReceiptFonts, field: Field, column: int) -> bool:
    if field.wide or "\n" in field.value:
        return False
    return fonts.width(field.value, _SMALLEST, _font(field)) <= VALUE_WIDTHS[column] - 2 * PADDING


def _half(fonts: ReceiptFonts, field: Field, column: int) -> Cell:
    width = VALUE_WIDTHS[column] - 2 * PADDING
    size = fitting_size(fonts, field.value, width, (BODY_SIZE, _SMALLEST), _font(field))
    label_width = LABEL_WIDTHS[column]
    return Cell(_label(fonts, field.label), (field.value,), size, _font(field), label_width, VALUE_WIDTHS[column])


def _whole(fonts: ReceiptFonts, field: Field, continued: Callable[[str], str]) -> list[Row]:
    label_width = LABEL_WIDTHS[0]
    value_width = TABLE_WIDTH - label_width
    lines = wrapped(fonts, field.value, value_width - 2 * PADDING, BODY_SIZE, _font(field))
    rows = []
    for start in range(0, len(lines), MOST_LINES):
        label = _label(fonts, field.label if start == 0 else continued(field.label))
        part = lines[start : start + MOST_LINES]
        rows.append(Row((Cell(label, part, BODY_SIZE, _font(field), label_width, value_width),)))
    return rows


def _label(fonts: ReceiptFonts, label: str) -> tuple[str, ...]:
    return wrapped(fonts, label, LABEL_WIDTHS[0] - 2 * PADDING, BODY_SIZE)[:MOST_LINES]


def _font(field: Field) -> str:
    return BOLD if field.bold else REGULAR
