"""The one way of a code from camera, keyboard wedge, serial scanner and picture to the one who waits for it."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable

from hardware.scanners.scanned_code import ScanFault, ScanFaultKind, ScannedCode, ScanSource, check_bytes, check_code

AGAIN_AFTER = 2.0
"""Seconds without sight of a code after which it counts as shown anew."""

Consumer = Callable[[ScannedCode | ScanFault], None]


class ScanRouter:
    """Checks what the sources bring, drops repeats, and hands the rest to the consumer on the source's thread.

    A camera sees one code thirty times a second and a trigger is pulled twice: the same text within `again_after`
    seconds of its last sight is dropped, whatever the source. Of the last code only a digest under a key of this
    process is kept, and no longer than the guard needs it.
    """

    def __init__(
        self, consumer: Consumer, again_after: float = AGAIN_AFTER, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._consumer = consumer
        self._again_after = again_after
        self._clock = clock
        self._gate = threading.Lock()
        self._key = secrets.token_bytes(32)
        self._last: bytes | None = None
        self._seen = 0.0

    def text(self, text: str, source: ScanSource) -> None:
        """Take a text that a source has decoded."""
        self._route(text.encode("utf-8", "surrogatepass"), check_code(text, source))

    def payload(self, payload: bytes, source: ScanSource) -> None:
        """Take the bytes of a source that does not decode."""
        self._route(payload, check_bytes(payload, source))

    def incomplete(self, length: int, source: ScanSource) -> None:
        """Take the news of a scan that lost characters on its way."""
        self._consumer(ScanFault(ScanFaultKind.INCOMPLETE, source, length))

    def forget(self) -> None:
        """Let the next sight of any code count: the last visit ended."""
        with self._gate:
            self._last = None

    def _route(self, raw: bytes, found: ScannedCode | ScanFault) -> None:
        if not self._repeated(raw):
            self._consumer(found)

    def _repeated(self, raw: bytes) -> bool:
        digest = hashlib.blake2b(raw, key=self._key, digest_size=32).digest()
        with self._gate:
            now = self._clock()
            repeated = digest == self._last and now - self._seen <= self._again_after
            self._last, self._seen = digest, now
        return repeated
