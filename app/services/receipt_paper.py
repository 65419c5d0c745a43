"""Receipt content to PDF: A5 landscape, the same bytes for the same content. Lengths in points, origin bottom left."""

from __future__ import annotations

from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

import resources
from app.catalogue import texts
from app.catalogue.texts import Texts
from app.services import receipt_layout as layout
from app.services.receipt_codes import draw_code128, draw_qr
from app.services.receipt_content import ReceiptContent
from app.services.receipt_fonts import BOLD, REGULAR, ReceiptFonts
from app.services.receipt_watermark import watermark

WIDTH, HEIGHT = 595.28, 419.53
LEFT = (WIDTH - layout.TABLE_WIDTH) / 2
RIGHT = WIDTH - LEFT

_BLACK, _WHITE = "#000000", "#ffffff"
_INK, _MUTED = "#1a1a1a", "#4a4f57"
_LABEL, _LINE, _FRAME, _DASH = "#f4f6f8", "#1a1a1a", "#c9ced6", "#8a9099"
_WARN, _WARN_PAPER = "#5c3600", "#fff4d6"
_TOP = HEIGHT - 24
_BOTTOM = 26.0
_TITLE_SIZES = (17.0, 11.0)
_META = (9.0, 7.0)
_FOOT_LEADING = 14.5
_QR = 76.0
_SEAL = 80.0
_FOOT_PAD = 10.0
_FOOT_LEFT = LEFT + _QR + 14
_FOOT_ROOM = RIGHT - _SEAL - 16 - _FOOT_LEFT
_SIGNATURE = 110.0


def render_receipt(content: ReceiptContent) -> bytes:
    """Render a receipt to PDF 1.4, fonts embedded as subsets, text extractable. Holds the interpreter for 0.1 s."""
    words = texts.load(content.language)
    fonts = ReceiptFonts(resources.path("fonts"))
    return _Paper(content, words, fonts).pdf()


class _Paper:
    """One receipt being drawn."""

    def __init__(self, content: ReceiptContent, words: Texts, fonts: ReceiptFonts) -> None:
        self._content = content
        self._words = words
        self._fonts = fonts
        self._file = BytesIO()
        self._canvas = Canvas(
            self._file,
            pagesize=(WIDTH, HEIGHT),
            pageCompression=1,
            invariant=1,
            lang=content.language.replace("_", "-"),
        )
        self._foot_lines = self._foot_texts()

    def pdf(self) -> bytes:
        """Lay out, draw every page, and return the file."""
        rows = layout.table_rows(self._fonts, self._fields(), lambda label: self._say("continued", label=label))
        foot = max(_SEAL, len(self._foot_lines) * _FOOT_LEADING) + _FOOT_PAD
        first = self._header(draw=False) - _BOTTOM
        later = self._short_header(draw=False) - _BOTTOM
        spread = layout.spread(rows, first, later, foot)
        pages = spread.pages
        self._canvas.setTitle(f"{self._content.title} {self._content.acceptance_no}")
        self._canvas.setAuthor(self._content.hall)
        for index, page in enumerate(pages):
            self._watermark()
            y = self._header(draw=True) if index == 0 else self._short_header(draw=True)
            y = self._table(page, spread.row_height, y)
            if index == len(pages) - 1:
                self._foot(y - _FOOT_PAD)
            if len(pages) > 1:
                self._page_number(index + 1, len(pages))
            self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()

    def _fields(self) -> list[layout.Field]:
        content = self._content
        fields = [
            layout.Field(self._say("holder"), content.holder),
            layout.Field(self._say("number"), content.citizen_number),
            layout.Field(self._say("service"), content.service),
            *(layout.Field(label, value) for label, value in content.rows),
            layout.Field(self._say("result"), content.result, wide=True, bold=True),
        ]
        if content.notices:
            fields.append(layout.Field(self._say("notices"), "\n".join(content.notices), wide=True))
        visible = self._fonts.visible
        return [layout.Field(visible(f.label), visible(f.value) or "—", f.wide, f.bold) for f in fields]

    def _header(self, draw: bool) -> float:
        """Draw marks, title, banner, barcode and place; return where the table begins."""
        content, fonts = self._content, self._fonts
        y = self._marks(_TOP, draw)
        y = self._title(y, _TITLE_SIZES, draw)
        y = self._banner(y, meaning=True, draw=draw)
        y -= 6
        place = fonts.visible(self._say("place", hall=content.hall, window=content.window))
        lines = [*layout.wrapped(fonts, place, layout.TABLE_WIDTH * 0.48, _META[0]), fonts.visible(content.time)]
        height = max(38.0, 12.5 * len(lines))
        if draw:
            self._canvas.setFillColor(HexColor(_BLACK))
            draw_code128(self._canvas, content.acceptance_no, LEFT, y - 24, 24, layout.TABLE_WIDTH * 0.48)
            number_size = layout.fitting_size(fonts, content.acceptance_no, layout.TABLE_WIDTH * 0.48, _META)
            self._text(LEFT, y - 35, content.acceptance_no, number_size)
            for index, line in enumerate(reversed(lines)):
                self._text(RIGHT, y - 35 + index * 12.5, line, _META[0], align=1)
        return y - height - 6

    def _short_header(self, draw: bool) -> float:
        y = self._marks(_TOP, draw)
        y = self._title(y, (11.0, 9.0), draw)
        return self._banner(y, meaning=False, draw=draw) - 8

    def _title(self, y: float, sizes: tuple[float, float], draw: bool) -> float:
        title = self._fonts.visible(self._content.title)
        spacing = 0.0 if title.isascii() else sizes[0] * 0.14
        room = layout.TABLE_WIDTH - spacing * len(title)
        size = layout.fitting_size(self._fonts, title, room, sizes, BOLD)
        for line in layout.wrapped(self._fonts, title, max(room, layout.TABLE_WIDTH / 2), size, BOLD):
            y -= size * 1.3
            if draw:
                self._text(WIDTH / 2, y, line, size, font=BOLD, align=0.5, spacing=spacing)
        return y - 9

    def _marks(self, y: float, draw: bool) -> float:
        """Draw training and reprint marks as boxed words in the corners of the page."""
        marks = [(LEFT, 0.0, self._say("training"))] if self._content.training else []
        if self._content.reprint:
            marks.append((RIGHT, 1.0, self._say("reprint", times=self._content.reprint)))
        for x, align, words in marks if draw else []:
            width = self._fonts.width(words, 9, BOLD) + 14
            self._canvas.setStrokeColor(HexColor(_INK))
            self._canvas.setLineWidth(0.9)
            self._canvas.rect(x - align * width, y - 8, width, 15, fill=0)
            self._text(x - align * width + 7, y - 4, words, 9, font=BOLD)
        return y - 4 if marks else y

    def _banner(self, y: float, meaning: bool, draw: bool) -> float:
        if not (self._content.offline or self._content.pending):
            return y
        mark = "offline" if self._content.offline else "pending"
        inner = layout.TABLE_WIDTH - 20
        said = self._fonts.visible(self._say(f"{mark}_meaning", lines=self._loss_lines()))
        lines = layout.wrapped(self._fonts, said, inner, 8.5) if meaning else ()
        height = 20 + len(lines) * 11.5 + (3 if lines else 0)
        if draw:
            self._canvas.setFillColor(HexColor(_WARN_PAPER))
            self._canvas.setStrokeColor(HexColor(_WARN))
            self._canvas.setLineWidth(1.2)
            self._canvas.rect(LEFT, y - height, layout.TABLE_WIDTH, height, fill=1)
            headline = self._say(mark)
            self._text(WIDTH / 2, y - 15, headline, 12, font=BOLD, align=0.5, colour=_WARN, spacing=1)
            for index, line in enumerate(lines):
                self._text(WIDTH / 2, y - 28.5 - index * 11.5, line, 8.5, align=0.5, colour=_WARN)
        return y - height

    def _loss_lines(self) -> str:
        bank = self._content.bank_line
        return self._say("lines_with_bank", bank_line=bank) if bank else self._say("lines_on_card")

    def _table(self, rows: tuple[layout.Row, ...], row_height: float, y: float) -> float:
        canvas = self._canvas
        canvas.setLineWidth(0.7)
        for row in rows:
            x, height = LEFT, row.height(row_height)
            for cell in row.cells:
                canvas.setStrokeColor(HexColor(_LINE))
                canvas.setFillColor(HexColor(_LABEL))
                canvas.rect(x, y - height, cell.label_width, height, fill=1)
                canvas.rect(x + cell.label_width, y - height, cell.value_width, height, fill=0)
                self._lines(x + layout.PADDING, y, height, cell.label, layout.BODY_SIZE, _MUTED, REGULAR)
                value_x = x + cell.label_width + layout.PADDING
                self._lines(value_x, y, height, cell.lines, cell.size, _INK, cell.font)
                x += cell.label_width + cell.value_width
            y -= height
        return y

    def _lines(
        self, x: float, top: float, height: float, lines: tuple[str, ...], size: float, colour: str, font: str
    ) -> None:
        """Set lines in the middle of a cell's height."""
        block = (len(lines) - 1) * layout.LEADING
        y = top - height / 2 + block / 2 - size * 0.36
        for index, line in enumerate(lines):
            self._text(x, y - index * layout.LEADING, line, size, font=font, colour=colour)

    def _foot_texts(self) -> list[tuple[str, bool]]:
        """Return the lines between code and seal, each with whether it is signed."""
        content, gap = self._content, "　"
        staff = [self._say("clerk", clerk=content.clerk)]
        if content.reviewer:
            staff.append(self._say("reviewer", reviewer=content.reviewer))
        calls = [self._say("enquiries"), self._say("complaints")]
        if content.bank_line:
            calls.append(self._say("bank", bank_line=content.bank_line))
        plain = [self._say("code_use"), gap.join(calls), gap.join(staff)]
        signatures = (self._say("sign"),) if content.signature_lines is None else content.signature_lines
        lines = [(line, False) for text in plain for line in self._foot_wrapped(text, _FOOT_ROOM)]
        for signature in signatures:
            *before, last = self._foot_wrapped(f"{signature}：", _FOOT_ROOM - _SIGNATURE)
            lines += [*((line, False) for line in before), (last, True)]
        return lines

    def _foot_wrapped(self, text: str, room: float) -> tuple[str, ...]:
        return layout.wrapped(self._fonts, self._fonts.visible(text), room, _META[0])

    def _foot(self, top: float) -> None:
        canvas = self._canvas
        canvas.setStrokeColor(HexColor(_FRAME))
        canvas.setFillColor(HexColor(_WHITE))
        canvas.setLineWidth(0.6)
        canvas.rect(LEFT, top - _QR, _QR, _QR, fill=1)
        draw_qr(canvas, self._content.acceptance_no, LEFT, top - _QR, _QR)
        for index, (line, signed) in enumerate(self._foot_lines):
            y = top - 9 - index * _FOOT_LEADING
            self._text(_FOOT_LEFT, y, line, _META[0])
            if signed:
                begin = _FOOT_LEFT + self._fonts.width(line, _META[0]) + 4
                canvas.setStrokeColor(HexColor(_INK))
                canvas.setLineWidth(0.6)
                canvas.line(begin, y - 2, begin + _SIGNATURE - 4, y - 2)
        self._seal(RIGHT - _SEAL / 2, top - _SEAL / 2)

    def _seal(self, x: float, y: float) -> None:
        canvas = self._canvas
        canvas.saveState()
        canvas.setStrokeColor(HexColor(_DASH))
        canvas.setLineWidth(0.7)
        canvas.setDash(2.5, 2)
        canvas.circle(x, y, _SEAL / 2, fill=0)
        canvas.restoreState()
        self._text(x, y - 3, self._say("seal"), 8.5, align=0.5, colour=_MUTED)

    def _watermark(self) -> None:
        """Lay the words that take a paper's force away under its text, across the page."""
        words = [self._say("training")] if self._content.training else []
        if self._content.reprint:
            words.append(self._say("reprint", times=self._content.reprint))
        if not words:
            return
        page = (round(WIDTH), round(HEIGHT))
        picture = watermark("　".join(words), *page, resources.path("fonts", "NotoSansSC-Bold.ttf"))
        self._canvas.drawImage(ImageReader(picture), 0, 0, WIDTH, HEIGHT)

    def _page_number(self, page: int, pages: int) -> None:
        words = self._say("page", acceptance_no=self._content.acceptance_no, page=page, pages=pages)
        self._text(RIGHT, 16, words, 7.5, align=1, colour=_MUTED)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        font: str = REGULAR,
        align: float = 0.0,
        colour: str = _INK,
        spacing: float = 0.0,
    ) -> None:
        """Write one line; `align` 0 begins at x, 0.5 is centred on it, 1 ends there."""
        width = self._fonts.width(text, size, font) + spacing * (len(text) - 1)
        line = self._canvas.beginText(x - width * align, y)
        line.setFillColor(HexColor(colour))
        line.setCharSpace(spacing)
        for name, piece in self._fonts.runs(text, font):
            line.setFont(name, size)
            line.textOut(piece)
        self._canvas.drawText(line)

    def _say(self, key: str, **values: object) -> str:
        return self._words(f"receipts.{key}", **values)
