"""Anchoring: the head of the audit chain is signed, countersigned by the province, and kept here and outside.

With the first contact of a start, even when nothing is new: a file that was replaced by an older copy is found then.
After that with each upload, and while the province can be asked at the latest each minute if there are new rows. Rows
after the last anchor are the exposed window, which `journal verify` shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from app.domain.anchor import Anchor, AuditPage, Countersigned, Enrolment, EnrolmentReceipt, Signed, signed_text
from app.domain.audit import Link
from app.domain.clock import Clock
from app.domain.digest import sm3_hex
from app.domain.refusal import Refusal
from app.journal.anchor_places import AnchorPlace
from app.journal.anchor_records import DeviceKey
from app.journal.fault_point import fault_point
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.province.port import Province

ACTOR = "anchoring"
EVERY_S = 60.0
WAITED_FOR = frozenset(
    {"PROVINCE-AWAY", "PROVINCE-BUSY", "PROVINCE-NONSENSE", "PROVINCE-REFUSED", "ANCHOR-BEHIND"},
)
"""Refusals that say nothing of the chain: asked again in time. So do all of the line, `LINE-`."""


class Anchoring:
    """Anchors one journal; used by one thread, the sender's. Raises JournalRefused when that cannot be written."""

    def __init__(
        self,
        journal: Journal,
        province: Province,
        clock: Clock,
        device: str,
        places: Sequence[AnchorPlace],
        on_trouble: Callable[[Refusal], None] = lambda _refusal: None,
    ) -> None:
        self._journal = journal
        self._province = province
        self._clock = clock
        self._device = device
        self._places = places
        self._on_trouble = on_trouble
        self._next_at = clock.monotonic()
        self._met = False
        self._refused = False

    def round(self, uploaded: bool) -> float:
        """Anchor what is due and return the seconds until the next time; `uploaded` says that it is due now."""
        if self._refused:
            return EVERY_S
        wait = self._next_at - self._clock.monotonic()
        if wait > 0 and not uploaded:
            return wait
        self._next_at = self._clock.monotonic() + EVERY_S
        refusal = self._anchor()
        if refusal is not None and refusal.code == "PROVINCE-AWAY":
            # Whoever notices that it is back wakes the sender, and the anchor goes at once.
            self._next_at = self._clock.monotonic()
        elif refusal is not None and not _is_waited_for(refusal):
            self._stop(refusal)
        return EVERY_S

    def _anchor(self) -> Refusal | None:
        head, after = self._journal.run(lambda tx: (tx.anchors.head(), tx.anchors.last())).result()
        if head is None or (self._met and head.n == after[0]):
            return None
        key = self._enrolled()
        if isinstance(key, Refusal):
            return key
        answer = self._ask(key, head, after)
        if isinstance(answer, Refusal) and answer.code == "ANCHOR-BEHIND":
            # A reply was lost, or this is an older copy: the row that the province has last tells which.
            shown = self._last_at_the_province()
            answer = shown if isinstance(shown, Refusal) else self._ask(key, head, shown)
        if isinstance(answer, Refusal):
            return answer
        fault_point("after_anchor")
        said = (answer.device, answer.incarnation, answer.n, answer.sm3)
        if said != (self._device, self._journal.incarnation, head.n, head.sm3.hex()):
            return Refusal("ANCHOR-COUNTERSIGN-FALSE")
        if not _is_signed(answer, key.province_key, answer.signature):
            return Refusal("ANCHOR-COUNTERSIGN-FALSE")
        self._met = True
        self._keep(answer)
        return None

    def _ask(self, key: DeviceKey, head: Link, after: tuple[int, str]) -> Countersigned | Refusal:
        at = self._clock.now().isoformat(timespec="microseconds")
        row = (head.n, head.sm3.hex(), head.tag.hex(), at)
        bare = Anchor(self._device, self._journal.incarnation, *row, *after)
        return self._province.anchor(replace(bare, signature=_sign(key, bare)))

    def _last_at_the_province(self) -> tuple[int, str] | Refusal:
        """Return the row that the province has countersigned last, as it stands here."""
        found = self._province.check_audit(AuditPage(self._device, self._journal.incarnation, 0, ()))
        if isinstance(found, Refusal):
            return found
        number = found.anchored_rows
        rows = self._journal.run(lambda tx: tx.audit_links(number - 1, 1)).result()
        if not rows or rows[0].n != number:
            return Refusal("ANCHOR-BACKWARDS")
        return number, rows[0].sm3.hex()

    def _keep(self, anchor: Countersigned) -> None:
        """Outside first: what is in the file and not outside would vanish with the file."""
        for place in self._places:
            try:
                place.keep(anchor)
            except OSError:
                self._on_trouble(Refusal("ANCHOR-NOT-KEPT"))
        self._journal.run(lambda tx: tx.anchors.keep(anchor), label="keep_anchor").result()

    def _enrolled(self) -> DeviceKey | Refusal:
        """Return the keys of an enrolled device; the first time it is enrolled, and its first audit key given away.

        The first key goes over the line as it is: what protects it there is TLS.
        """
        key = self._journal.run(_device_key, label="device_key").result()
        first = self._journal.run(lambda tx: tx.anchors.first_key()).result()
        if key.province_key is not None and first is None:
            return key
        if first is None:
            return Refusal("DEVICE-KEY-GONE")
        first_n, first_key = first
        bare = Enrolment(self._device, self._journal.incarnation, first_n, first_key.hex(), key.public.hex())
        receipt = self._province.enrol(replace(bare, signature=_sign(key, bare)))
        if isinstance(receipt, Refusal):
            return receipt
        fault_point("after_enrol")
        if not _acknowledges(receipt, bare):
            return Refusal("ANCHOR-COUNTERSIGN-FALSE")
        province_key = bytes.fromhex(receipt.province_key)
        self._journal.run(lambda tx: tx.anchors.enrolled(province_key), label="enrolled").result()
        return replace(key, province_key=province_key)

    def _stop(self, refusal: Refusal) -> None:
        """Write and tell that this machine is no longer anchored; it works on, and people are called."""
        self._refused = True

        def work(tx: Transaction) -> None:
            tx.audit("audit.anchor_refused", ACTOR, "refused", detail={"code": refusal.code})

        self._journal.run(work, label="anchor_refused").result()
        self._on_trouble(refusal)


def _device_key(tx: Transaction) -> DeviceKey:
    known = tx.anchors.device_key()
    if known is not None:
        return known
    from hardware.crypto import sm2

    pair = sm2.make_pair()
    tx.anchors.keep_device_key(pair.private, pair.public)
    return DeviceKey(pair.private, pair.public)


def _acknowledges(receipt: EnrolmentReceipt, asked: Enrolment) -> bool:
    """Tell whether a receipt is for exactly what was given, signed with the key that it brings."""
    digest = sm3_hex(bytes.fromhex(asked.first_key))
    given = (receipt.device, receipt.incarnation, receipt.first_key_sm3, receipt.public_key)
    if given != (asked.device, asked.incarnation, digest, asked.public_key):
        return False
    return _is_signed(receipt, bytes.fromhex(receipt.province_key), receipt.signature)


def _sign(key: DeviceKey, value: Signed) -> str:
    # GmSSL takes a while to load; nobody at a window waits for it on this thread.
    from hardware.crypto import sm2

    return sm2.sign(sm2.Sm2Pair(key.private, key.public), signed_text(value)).hex()


def _is_signed(value: Signed, public: bytes | None, signature: str) -> bool:
    from hardware.crypto import sm2

    return public is not None and sm2.verify(public, signed_text(value), bytes.fromhex(signature))


def _is_waited_for(refusal: Refusal) -> bool:
    return refusal.code in WAITED_FOR or refusal.code.startswith("LINE-")
