"""Draw a text as a QR code."""

from __future__ import annotations

import re

_SIZE = re.compile(r'<svg width="(\d+)" height="(\d+)"')


def qr_svg(text: str) -> str:
    """Return an SVG element of a QR code (ISO/IEC 18004) with its quiet zone, which takes the width that it is given.

    It has a viewBox and no size, prolog or script, so that it can stand within a page.
    """
    # Loads a library that only drawing needs.
    import zxingcpp

    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_svg()
    element: str = drawn[drawn.index("<svg") :]
    return _SIZE.sub(r'<svg viewBox="0 0 \1 \2" shape-rendering="crispEdges"', element, count=1)
