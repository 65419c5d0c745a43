"""What is signed on the line between device and province, and the headers that carry it.

A request's text is these lines, joined by LF, in UTF-8: `yikatong-line-request-1`, method, path with query, SM3 of the
body (hex), op_id or nothing, device, key id, counter, time, wrapped sealing key or nothing. A reply's:
`yikatong-line-reply-1`, the request's signature, status, SM3 of the body, Retry-After or nothing. The device stands as
in its header, percent-encoded; the time is ISO 8601 in UTC. Signatures are hex: HMAC-SM3 (GB/T 32905 in GB/T 15852.2)
under the shared key, or SM2 in DER (GB/T 32918.2) (reliability.md 3.4, transit).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from app.domain.digest import sm3_hex
from app.domain.line import LineSecrets, Signing

DEVICE, KEY, COUNTER, TIME = "X-Device", "X-Line-Key", "X-Line-Counter", "X-Line-Time"
OP, SEALED, SIGNATURE = "X-Line-Op", "X-Line-Sealed", "X-Line-Signature"
HEADERS = (DEVICE, KEY, COUNTER, TIME, OP, SEALED, SIGNATURE)
"""Each at most once in a request."""

_REQUEST, _REPLY = "yikatong-line-request-1", "yikatong-line-reply-1"


@dataclass(frozen=True)
class RequestHead:
    """What a request says of itself, as it stands in the headers."""

    device: str
    key_id: str
    counter: str
    time: str
    op_id: str = ""
    sealed: str = ""

    def headers(self, signature: str) -> dict[str, str]:
        """Return the headers; those of empty values are left out."""
        found = {KEY: self.key_id, COUNTER: self.counter, TIME: self.time, OP: self.op_id, SEALED: self.sealed}
        return {name: value for name, value in found.items() if value} | {SIGNATURE: signature}


def request_text(head: RequestHead, method: str, target: str, body: bytes) -> bytes:
    """Return what the device signs; `target` is the path with its query, as it is on the wire."""
    told = (head.op_id, head.device, head.key_id, head.counter, head.time, head.sealed)
    return "\n".join((_REQUEST, method, target, sm3_hex(body), *told)).encode()


def reply_text(request_signature: str, status: int, body: bytes, retry_after: str) -> bytes:
    """Return what the province signs."""
    return "\n".join((_REPLY, request_signature, str(status), sm3_hex(body), retry_after)).encode()


def sign_request(secrets: LineSecrets, text: bytes) -> str:
    """Sign as the device."""
    if secrets.signing is Signing.HMAC_SM3:
        return hmac_sm3(secrets.shared_key, text)
    # GmSSL is slow to load, and only SM2 needs it.
    from hardware.crypto import sm2

    return sm2.sign(sm2.Sm2Pair(secrets.private_key, secrets.public_key), text).hex()


def is_province(secrets: LineSecrets, text: bytes, signature: str) -> bool:
    """Tell whether the province signed a reply."""
    if secrets.signing is Signing.HMAC_SM3:
        return hmac.compare_digest(hmac_sm3(secrets.shared_key, text).encode(), signature.encode())
    return is_sm2(secrets.province_key, text, signature)


def is_sm2(public_key: bytes, text: bytes, signature: str) -> bool:
    """Tell whether the owner of a public key signed; what is no hex is not signed."""
    from hardware.crypto import sm2

    try:
        return sm2.verify(public_key, text, bytes.fromhex(signature))
    except ValueError:
        return False


def hmac_sm3(key: bytes, text: bytes) -> str:
    """Return HMAC-SM3 as hex."""
    return hmac.digest(key, text, "sm3").hex()
