"""Checks of what the audit chain needs: enrolment, countersigned anchors, checked tags, and keys for bad days.

They register a device of the test file's name under an incarnation of this run's own.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from app.domain.anchor import Anchor, AuditPage, Enrolment, EnrolmentReceipt, Signed, signed_text
from app.domain.audit import Link, tag_of
from app.domain.operation import canonical_json
from app.domain.refusal import Refusal
from app.province.check.bench import Bench
from app.province.check.family import Case, Family
from app.province.check.finding import Outcome, Seen, refused, told
from app.province.port import NOT_OFFERED
from hardware.crypto import sm2

_ROWS = 5


@dataclass(frozen=True)
class _Device:
    """A device that this run has enrolled."""

    pair: sm2.Sm2Pair
    first_key: bytes
    asked: Enrolment
    receipt: EnrolmentReceipt

    @property
    def province_key(self) -> bytes:
        return bytes.fromhex(self.receipt.province_key)


def enrolment_is_acknowledged(bench: Bench) -> Outcome:
    """A receipt is for exactly what was given, and signed with the key that it brings."""
    device = _enrolled(bench)
    fields = ("device", "incarnation", "public_key")
    wrong = [name for name in fields if getattr(device.receipt, name) != getattr(device.asked, name)]
    wrong += [] if _is_signed(device.receipt, device.province_key) else ["signature"]
    return Seen((*fields, "signature"), tuple(wrong))


def enrolment_again_is_the_same(bench: Bench) -> Outcome:
    """The same enrolment gets the same receipt: the first one's reply may have been lost."""
    device = _enrolled(bench)
    again = bench.got(bench.client.enrol(device.asked))
    return Seen(("same receipt",)) if again == device.receipt else Seen(wrong=("another receipt",))


def another_key_is_refused(bench: Bench) -> Outcome:
    """The key of an incarnation is taken once."""
    device = _enrolled(bench)
    bare = replace(device.asked, first_key=secrets.token_hex(32), signature="")
    other = replace(bare, signature=sm2.sign(device.pair, signed_text(bare)).hex())
    return _refusal(bench.client.enrol(other), "DEVICE-ENROLLED")


def anchor_is_countersigned(bench: Bench) -> Outcome:
    """An anchor comes back signed with the province's key, and the same one again with the same number."""
    device = _enrolled(bench)
    anchor = _anchor(bench, device, _ROWS)
    first, second = bench.got(bench.client.anchor(anchor)), bench.got(bench.client.anchor(anchor))
    wrong = [name for name in ("device", "incarnation", "n", "sm3") if getattr(first, name) != getattr(anchor, name)]
    wrong += [] if _is_signed(first, device.province_key) else ["signature"]
    wrong += [] if first == second else ["another answer"]
    return Seen(("signature", "same answer"), tuple(wrong))


def anchor_does_not_go_back(bench: Bench) -> Outcome:
    """An anchor of an earlier row than the last one is refused: a copy of the journal has been put in its place."""
    device = _enrolled(bench)
    bench.got(bench.client.anchor(_anchor(bench, device, _ROWS)))
    return _refusal(bench.client.anchor(_anchor(bench, device, _ROWS - 1)), "ANCHOR-BACKWARDS")


def bad_tag_is_found(bench: Bench) -> Outcome:
    """Rows whose tags are right are good, and one whose tag is not is named."""
    device = _enrolled(bench)
    rows = [Link(n, _digest(n), tag_of(device.first_key, n, _digest(n))) for n in range(1, _ROWS + 1)]
    page = AuditPage(bench.persons.device, device.asked.incarnation, 0, tuple(rows))
    good = bench.got(bench.client.check_audit(page))
    rows[2] = replace(rows[2], tag=bytes(32))
    bad = bench.got(bench.client.check_audit(replace(page, rows=tuple(rows))))
    wrong = [] if good.first_bad is None else [f"good row {good.first_bad}"]
    wrong += [] if bad.first_bad == rows[2].n else [f"bad row {bad.first_bad}"]
    return Seen((f"row {rows[2].n}",), tuple(wrong))


def sealing_key_is_signed(bench: Bench) -> Outcome:
    """The key for sealed files is signed with the key that devices keep from their enrolment."""
    device = _enrolled(bench)
    key = bench.got(bench.client.sealing_key())
    return Seen(("signature",)) if _is_signed(key, device.province_key) else Seen(wrong=("signature",))


def sealed_key_is_released(bench: Bench) -> Outcome:
    """A journal's key that was sealed for the province is opened for its device, and for no other key."""
    device, receiver, key = _enrolled(bench), sm2.make_pair(), secrets.token_bytes(32)
    kept = canonical_json({"device": bench.persons.device, "key": key.hex()}).encode()
    escrow = sm2.encrypt(device.province_key, kept).hex()
    released = bench.got(bench.client.release_key(bench.persons.device, escrow, receiver.public.hex()))
    opened = sm2.decrypt(receiver, bytes.fromhex(released))
    wrong = [] if opened == key else ["sealed"]
    foreign = sm2.encrypt(sm2.make_pair().public, kept).hex()
    refusal = bench.client.release_key(bench.persons.device, foreign, receiver.public.hex())
    wrong += [] if refusal == Refusal("ESCROW-FALSE") else [told(refusal)]
    return Seen(("sealed", "ESCROW-FALSE"), tuple(wrong))


def _enrolled(bench: Bench) -> _Device:
    """Enrol an incarnation of its own for each check: none hangs on what another left behind."""
    pair, first_key = sm2.make_pair(), secrets.token_bytes(32)
    incarnation = f"{bench.incarnation}-{secrets.token_hex(4)}"
    bare = Enrolment(bench.persons.device, incarnation, 1, first_key.hex(), pair.public.hex())
    asked = replace(bare, signature=sm2.sign(pair, signed_text(bare)).hex())
    return _Device(pair, first_key, asked, bench.got(bench.client.enrol(asked)))


def _anchor(bench: Bench, device: _Device, number: int) -> Anchor:
    digest, at = _digest(number), bench.clock.now().isoformat()
    tag = tag_of(device.first_key, number, digest)
    bare = Anchor(bench.persons.device, device.asked.incarnation, number, digest.hex(), tag.hex(), at)
    return replace(bare, signature=sm2.sign(device.pair, signed_text(bare)).hex())


def _digest(number: int) -> bytes:
    return bytes([number]) * 32


def _is_signed(value: Signed, public: bytes) -> bool:
    return sm2.verify(public, signed_text(value), bytes.fromhex(value.signature))


def _refusal(answer: object, code: str) -> Outcome:
    if isinstance(answer, Refusal) and answer.code == NOT_OFFERED:
        return refused(answer)
    return Seen((code,), () if answer == Refusal(code) else (told(answer),))


AUDIT = Family(
    "A",
    tuple(
        Case(check, writes=True)
        for check in (
            enrolment_is_acknowledged,
            enrolment_again_is_the_same,
            another_key_is_refused,
            anchor_is_countersigned,
            anchor_does_not_go_back,
            bad_tag_is_found,
            sealing_key_is_signed,
            sealed_key_is_released,
        )
    ),
)
