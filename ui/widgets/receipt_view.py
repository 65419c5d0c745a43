"""Shows the pages of a receipt as they will be printed, with zoom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.catalogue.texts import Texts
from ui.a11y.names import give_name
from ui.widgets.act_button import plain_button
from ui.widgets.scroll_page import scroll_page
from ui.widgets.words import clear, column, surface, word

ZOOM_STEP = 1.25
ZOOM_MOST = 3.0
LEAST_OF_WIDTH = 0.7
"""A page is shown whole as long as it is at least this part of the width; a longer one fits the width."""
LEAST_HEIGHT = 360
"""Of the place where pages are seen, in px."""
FRAME = 12
"""Paper around a page, with its line, in px."""


@dataclass(frozen=True)
class PageImage:
    """One rendered page: 8-bit RGB, rows from the top, no padding."""

    width: int
    height: int
    rgb: bytes


class ReceiptPages(QWidget):
    """The pages, each seen whole until someone zooms; `tools` are the buttons for that, to be placed by the screen."""

    zoomed = Signal(float)

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._title = ""
        self._pixmaps: list[QPixmap] = []
        self._labels: list[QLabel] = []
        self._zoom = 1.0
        larger = plain_button(texts("ui.receipt.larger"))
        smaller = plain_button(texts("ui.receipt.smaller"))
        fit = plain_button(texts("ui.receipt.fit"))
        larger.clicked.connect(lambda: self.set_zoom(self._zoom * ZOOM_STEP))
        smaller.clicked.connect(lambda: self.set_zoom(self._zoom / ZOOM_STEP))
        fit.clicked.connect(lambda: self.set_zoom(1.0))
        self._count = word("", muted=True)
        self.tools: tuple[QWidget, ...] = (self._count, larger, smaller, fit)
        self._sheet = QWidget()
        self._sheets = QVBoxLayout(self._sheet)
        self._sheets.setContentsMargins(0, 0, 0, 0)
        self._area = scroll_page(self._sheet)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._area.setMinimumHeight(LEAST_HEIGHT)
        self._area.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)

    def set_pages(self, title: str, pages: Sequence[PageImage]) -> None:
        """Show pages; the title and the page number are what a screen reader says of each."""
        self._title = title
        clear(self._sheets)
        self._pixmaps = [_pixmap(page) for page in pages]
        self._labels = []
        for number, _ in enumerate(pages, 1):
            label = QLabel()
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            give_name(label, self._texts("ui.receipt.page", title=title, number=number, total=len(pages)))
            self._labels.append(label)
            frame = surface("card", column(label, margins=(FRAME - 1,) * 4))
            self._sheets.addWidget(frame, 0, Qt.AlignmentFlag.AlignHCenter)
        self._sheets.addStretch(1)
        self._count.setText(self._texts("ui.receipt.pages", total=len(pages)))
        self._draw()

    def set_zoom(self, zoom: float) -> None:
        """Zoom; 1.0 shows a page whole."""
        self._zoom = min(max(zoom, 1 / ZOOM_MOST), ZOOM_MOST)
        self._draw()
        self.zoomed.emit(self._zoom)

    @property
    def zoom(self) -> float:
        """Return the zoom, 1.0 when a page is seen whole."""
        return self._zoom

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit again when the place of the pages changes."""
        if watched is self._area.viewport() and event.type() == QEvent.Type.Resize:
            self._draw()
        return super().eventFilter(watched, event)

    def _draw(self) -> None:
        wide = max(self._area.viewport().width() - 2 * FRAME, 80)
        high = max(self._area.viewport().height() - 2 * FRAME, 80)
        for label, pixmap in zip(self._labels, self._pixmaps, strict=True):
            whole = high * pixmap.width() / pixmap.height()
            fitting = min(wide, pixmap.width(), whole if whole >= LEAST_OF_WIDTH * wide else wide)
            width = round(fitting * self._zoom)
            label.setPixmap(pixmap.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation))


def _pixmap(page: PageImage) -> QPixmap:
    image = QImage(page.rgb, page.width, page.height, page.width * 3, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(image.copy())
