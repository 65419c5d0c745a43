"""The province's side of sealed files: the key they are sealed with, and opening them; applied once, as uploads are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine, insert, select

from app.domain.anchor import signed_text
from app.domain.clock import Clock
from app.domain.downlink import SealingKey
from app.domain.refusal import Refusal
from app.domain.sealed_export import SealedExport, read_sealed
from app.training.downlink_wire import ImportReply
from app.training.operations import OperationDesk
from app.training.schema import DEVICES, PROVINCE_KEY, SEALING_KEYS
from app.training.store import stamp
from app.training.wire_models import BatchBody, OperationBody
from hardware.crypto import sealed_letter, sm2

_AT_ONCE = 100
_ITEMS = TypeAdapter(list[OperationBody])


class ImportDesk:
    """Opens what a device signed and sealed; refusals: SEALED-NOT-OURS, SEALED-ALTERED, DEVICE-UNKNOWN."""

    def __init__(self, engine: Engine, operations: OperationDesk, clock: Clock) -> None:
        self._engine = engine
        self._operations = operations
        self._clock = clock

    def make_key(self) -> None:
        """Make the key pair, once; apart from the one that signs."""
        with self._engine.begin() as connection:
            if connection.execute(select(SEALING_KEYS.c.id)).first() is None:
                made = sm2.make_pair()
                values = {"private": made.private.hex(), "public": made.public.hex(), "at": stamp(self._clock.now())}
                connection.execute(insert(SEALING_KEYS).values(values))

    def key(self) -> SealingKey:
        """Return the public key, signed with the key that devices pin."""
        with self._engine.begin() as connection:
            own = connection.execute(select(SEALING_KEYS)).one()
            signing = connection.execute(select(PROVINCE_KEY.c.private, PROVINCE_KEY.c.public)).one()
        bare = SealingKey(own.public, own.at)
        pair = sm2.Sm2Pair(bytes.fromhex(signing.private), bytes.fromhex(signing.public))
        return replace(bare, signature=sm2.sign(pair, signed_text(bare)).hex())

    def take(self, text: str) -> ImportReply | Refusal:
        """Open a file and take its operations in their order."""
        export = read_sealed(text)
        if export is None:
            return Refusal("SEALED-NOT-OURS")
        items = self._opened(export)
        if isinstance(items, Refusal):
            return items
        known = sum(self._operations.answer_on(item.op_id) is not None for item in items)
        found: Counter[str] = Counter()
        for start in range(0, len(items), _AT_ONCE):
            some = list(items[start : start + _AT_ONCE])
            batch = BatchBody(device=export.device, incarnation=export.incarnation, items=some)
            found.update(answer.outcome.value for answer in self._operations.take(batch))
        return ImportReply(
            device=export.device,
            operations=len(items),
            new=len(items) - known,
            applied=found["applied"],
            rejected=found["rejected"],
            conflict=found["conflict"],
            retry=found["retry"],
        )

    def _opened(self, export: SealedExport) -> Sequence[OperationBody] | Refusal:
        device = (DEVICES.c.device == export.device) & (DEVICES.c.incarnation == export.incarnation)
        with self._engine.begin() as connection:
            signer = connection.execute(select(DEVICES.c.public_key).where(device)).scalar()
            own = connection.execute(select(SEALING_KEYS)).one()
        if signer is None:
            return Refusal("DEVICE-UNKNOWN")
        if not sm2.verify(bytes.fromhex(signer), export.signed_part, bytes.fromhex(export.signature)):
            return Refusal("SEALED-ALTERED")
        if export.key != own.public:
            return Refusal("SEALED-NOT-OURS")
        pair = sm2.Sm2Pair(bytes.fromhex(own.private), bytes.fromhex(own.public))
        parts = (export.wrapped_key, export.nonce, export.sealed, export.tag)
        letter = sealed_letter.SealedLetter(*map(bytes.fromhex, parts))
        opened = sealed_letter.unseal(pair, letter, export.open_part)
        if opened is None:
            return Refusal("SEALED-ALTERED")
        try:
            return _ITEMS.validate_json(opened)
        except ValidationError:
            return Refusal("SEALED-ALTERED")
