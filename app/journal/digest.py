"""Keyed SM3, and the keys derived from the journal's key."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

KEY_BYTES = 32


@dataclass(frozen=True, repr=False)
class DerivedKeys:
    """Keys for one purpose each, so that none says anything of another (or of the journal's own)."""

    citizen_index: bytes
    audit_chain: bytes
    data_key_wrap: bytes
    search_index: bytes


def derive_keys(journal_key: bytes) -> DerivedKeys:
    """Derive the purpose keys: HMAC-SM3 (GB/T 32905) of the purpose's name under the journal key."""
    return DerivedKeys(
        citizen_index=hmac.digest(journal_key, b"yikatong/citizen-index/1", "sm3"),
        audit_chain=hmac.digest(journal_key, b"yikatong/audit-chain/1", "sm3"),
        # SM4 takes 16 bytes.
        data_key_wrap=hmac.digest(journal_key, b"yikatong/data-key-wrap/1", "sm3")[:16],
        search_index=hmac.digest(journal_key, b"yikatong/search-index/1", "sm3"),
    )


def keyed_hex(key: bytes, data: bytes) -> str:
    """Return the HMAC-SM3 as 64 hex digits."""
    return hmac.digest(key, data, "sm3").hex()
