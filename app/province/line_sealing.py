"""Sensitive fields on the line, sealed for the province; `resources/catalogue/line_fields.toml` lists their names.

A text under such a name, at any depth of a request's JSON, travels as `sm4:` and Base64 of `nonce (12) ‖ ciphertext ‖
tag (16)`: SM4-GCM with the field's name as associated data. The SM4 key is wrapped by SM2 for the province (GM/T 0009,
DER, hex in `X-Line-Sealed`) and serves many requests. Digests of operations are over what is sealed, not over the seal:
the province opens first and checks then.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping

from app.catalogue.tables import read_table, strings

PREFIX = "sm4:"


class NotSealed(Exception):
    """A sensitive field that is not sealed, or does not open; names the field, never its value."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def sensitive_fields() -> frozenset[str]:
    """Load the names; raises TableError."""
    where = "line_fields.toml"
    return frozenset(strings(read_table("catalogue", where).get("sealed"), where))


def sealed(body: Mapping[str, object], fields: frozenset[str], key: bytes) -> dict[str, object]:
    """Return a body with its sensitive texts sealed under a 16-byte key; empty ones stay empty."""
    from hardware.crypto import sm4_short

    def seal(name: str, text: str) -> str:
        return PREFIX + base64.b64encode(sm4_short.seal(key, text.encode(), name.encode())).decode()

    return {name: _walked(name, value, fields, seal) for name, value in body.items()}


def unsealed(body: Mapping[str, object], fields: frozenset[str], key: bytes) -> dict[str, object]:
    """Return a body with its sensitive texts opened; raises NotSealed."""
    from hardware.crypto import sm4_short

    def unseal(name: str, text: str) -> str:
        try:
            raw = base64.b64decode(text.removeprefix(PREFIX).encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise NotSealed(name) from None
        clear = sm4_short.unseal(key, raw, name.encode()) if text.startswith(PREFIX) else None
        if clear is None:
            raise NotSealed(name)
        return clear.decode("utf-8", errors="replace")

    return {name: _walked(name, value, fields, unseal) for name, value in body.items()}


def _walked(name: str, value: object, fields: frozenset[str], change: Callable[[str, str], str]) -> object:
    if isinstance(value, str):
        return change(name, value) if value and name in fields else value
    if isinstance(value, Mapping):
        return {inner: _walked(inner, found, fields, change) for inner, found in value.items()}
    if isinstance(value, list | tuple):
        return [_walked(name, found, fields, change) for found in value]
    return value
