"""A sealed file of operations that could not be sent: what stands on its outside, and what the device signs."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from app.domain.operation import canonical_json

FORMAT = "yikatong/sealed-export/1"


@dataclass(frozen=True)
class SealedExport:
    """Bytes are lower-case hex; the SM4-GCM key is wrapped for the province's SM2 key, which `key` names."""

    device: str
    incarnation: str
    made_at: str
    operations: int
    key: str
    wrapped_key: str = ""
    nonce: str = ""
    tag: str = ""
    sealed: str = ""
    signature: str = ""
    format: str = FORMAT

    @property
    def open_part(self) -> bytes:
        """Return what is authenticated beside the sealed text."""
        head = (self.format, self.device, self.incarnation, self.made_at, str(self.operations), self.key)
        return "\n".join(head).encode()

    @property
    def signed_part(self) -> bytes:
        """Return what the device signs: everything else."""
        return canonical_json(vars(replace(self, signature=""))).encode()

    def to_text(self) -> str:
        """Return the file's text."""
        return canonical_json(vars(self)) + "\n"


def read_sealed(text: str) -> SealedExport | None:
    """Read a file's text; None when it is none of this format."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or values.keys() != SealedExport.__dataclass_fields__.keys():
        return None
    wanted = {name: int if name == "operations" else str for name in values}
    if values["format"] != FORMAT or any(type(value) is not wanted[name] for name, value in values.items()):
        return None
    hexes = ("key", "wrapped_key", "nonce", "tag", "sealed", "signature")
    return SealedExport(**values) if all(_is_hex(values[name]) for name in hexes) else None


def _is_hex(text: str) -> bool:
    try:
        return bytes.fromhex(text).hex() == text
    except ValueError:
        return False
