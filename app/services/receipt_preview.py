"""Pictures of a receipt's pages for the preview: the very bytes that are printed, drawn by PDFium."""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2  # type: ignore[import-untyped]  # ships no types


@dataclass(frozen=True)
class PageImage:
    """One page as packed RGB, eight bits a channel, rows from the top without padding."""

    width: int
    height: int
    rgb: bytes


def page_images(pdf: bytes, dpi: float) -> list[PageImage]:
    """Draw every page at a resolution. PDFium is not thread-safe: one thread at a time, and never the GUI's."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_image(page, dpi) for page in document]
    finally:
        document.close()


def _image(page: pypdfium2.PdfPage, dpi: float) -> PageImage:
    bitmap = page.render(scale=dpi / 72, rev_byteorder=True)
    picture = bitmap.to_pil().convert("RGB")
    image = PageImage(picture.width, picture.height, picture.tobytes())
    bitmap.close()
    page.close()
    return image
