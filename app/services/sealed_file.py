"""The last way out: every unsent operation in one file that only the province can open, signed by the device."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.domain.digest import sm3_hex
from app.domain.operation import Destination
from app.domain.refusal import Refusal
from app.domain.sealed_export import SealedExport
from app.journal.dispatch import upload_item
from app.journal.transaction import Transaction
from app.province.upload_body import item_body


@dataclass(frozen=True)
class Exported:
    """A file that was written, and what the audit row names it by."""

    file: str
    operations: int
    sm3: str
    left_out: int
    """Operations whose payload is damaged."""

    @property
    def row(self) -> Mapping[str, str]:
        """Return what its audit row says."""
        return {"operations": str(self.operations), "left_out": str(self.left_out), "sm3": self.sm3}


@dataclass(frozen=True)
class Sealed:
    """What is to be written, and how many operations could not be read."""

    export: SealedExport
    left_out: int


def seal(tx: Transaction, device: str, now: datetime) -> Sealed | Refusal:
    """Seal what was not answered yet, in the order of sending; the operations stay queued.

    Refusals: OUTBOX-EMPTY, EXPORT-DAMAGED (none of them can be read), SEALING-KEY-NONE (the province was never met),
    DEVICE-KEY-GONE.
    """
    found = tx.unsent(Destination.PROVINCE)
    unsent = [delivery for delivery in found if not delivery.damaged]
    if not found:
        return Refusal("OUTBOX-EMPTY")
    if not unsent:
        return Refusal.of("EXPORT-DAMAGED", operations=len(found))
    theirs, ours = tx.sealing_key(), tx.anchors.device_key()
    if theirs is None:
        return Refusal("SEALING-KEY-NONE")
    if ours is None:
        return Refusal("DEVICE-KEY-GONE")
    # GmSSL takes a while to load, and is needed here only.
    from hardware.crypto import sealed_letter, sm2

    at = now.isoformat(timespec="microseconds")
    bare = SealedExport(device, tx.anchors.incarnation, at, len(unsent), theirs.public_key)
    text = json.dumps([item_body(upload_item(delivery)) for delivery in unsent], ensure_ascii=False)
    letter = sealed_letter.seal(bytes.fromhex(theirs.public_key), text.encode(), bare.open_part)
    made = replace(
        bare,
        wrapped_key=letter.wrapped_key.hex(),
        nonce=letter.nonce.hex(),
        tag=letter.tag.hex(),
        sealed=letter.sealed.hex(),
    )
    signature = sm2.sign(sm2.Sm2Pair(ours.private, ours.public), made.signed_part)
    return Sealed(replace(made, signature=signature.hex()), len(found) - len(unsent))


def write_sealed(sealed: Sealed, file: Path, audited: Callable[[Exported], Refusal | None]) -> Exported | Refusal:
    """Write a sealed file; under its name only once it is whole and its audit row is written.

    Refusals: EXPORT-FILE-EXISTS, EXPORT-NOT-WRITTEN, and what `audited` refuses.
    """
    if file.exists():
        return Refusal.of("EXPORT-FILE-EXISTS", file=file)
    part = file.with_name(f"{file.name}.part")
    text = sealed.export.to_text().encode()
    done = Exported(str(file), sealed.export.operations, sm3_hex(text), sealed.left_out)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        refused = audited(done)
        if refused is not None:
            part.unlink()
            return refused
        part.replace(file)
    except OSError as error:
        return Refusal.of("EXPORT-NOT-WRITTEN", file=file, error=error.strerror)
    return done
