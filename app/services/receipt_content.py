"""What a receipt says, before it is paper; travels to the rendering process as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MOST_SIGNATURES = 4


@dataclass(frozen=True)
class ReceiptContent:
    """One receipt (business.md 1.6); personal numbers are masked already."""

    title: str
    acceptance_no: str
    """办件编号: ASCII; printed, and held by barcode and QR code."""
    hall: str
    window: str
    clerk: str
    """Staff number."""
    time: str
    """As printed, in the hall's zone."""
    holder: str
    citizen_number: str
    service: str
    result: str
    rows: tuple[tuple[str, str], ...] = ()
    """(label, value), in the order they are read."""
    notices: tuple[str, ...] = ()
    offline: bool = False
    """Taken while the province was away."""
    pending: bool = False
    """The province has not answered yet."""
    training: bool = False
    reprint: int = 0
    """0 for the first print; n prints 补打第n次."""
    bank_line: str | None = None
    """Telephone line of the bank that issued the card; None where only the card tells it."""
    reviewer: str | None = None
    signature_lines: tuple[str, ...] | None = None
    """What is signed, at most four lines; None asks for the holder's signature, () for none."""
    language: str = "zh_CN"

    def __post_init__(self) -> None:
        if not (self.acceptance_no.isascii() and self.acceptance_no.isprintable() and self.acceptance_no):
            raise ValueError("an acceptance number is printable ASCII")
        if self.signature_lines is not None and len(self.signature_lines) > MOST_SIGNATURES:
            raise ValueError(f"a receipt has room for {MOST_SIGNATURES} signatures")


def to_json(content: ReceiptContent) -> str:
    """Write a content as one line of ASCII JSON."""
    return json.dumps(asdict(content))


def from_json(line: str) -> ReceiptContent:
    """Read what `to_json` wrote."""
    values = json.loads(line)
    signatures = values["signature_lines"]
    return ReceiptContent(
        **values
        | {
            "rows": tuple((label, value) for label, value in values["rows"]),
            "notices": tuple(values["notices"]),
            "signature_lines": None if signatures is None else tuple(signatures),
        }
    )
