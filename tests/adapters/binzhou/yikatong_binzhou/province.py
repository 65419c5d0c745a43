"""The province's client. It has no batch and knows no operation again: each is asked for before it is sent.

A request without an answer may still be on its way: for `settle_s` it is asked for and not sent again. What was taken
down before this client began may have been sent by the one before it, which cannot be asked any more: the same holds.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.anchor import (
    Anchor,
    AuditFinding,
    AuditPage,
    Countersigned,
    Enrolment,
    EnrolmentReceipt,
    LastSequence,
)
from app.domain.downlink import ChangePage, SealingKey
from app.domain.operation import Outcome
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province import downlink_wire, wire
from app.province.call_kinds import CallKind
from app.province.code_map import CodeMaps
from app.province.code_map import load as load_code_maps
from app.province.endpoint import Endpoint
from app.province.http_line import Content, HttpLine, LineCodes, NoReply
from app.province.port import (
    NOT_OFFERED,
    Away,
    CardCheck,
    CardCheckRequest,
    HsmAnswer,
    HsmRequest,
    ItemAnswer,
    OwnOperation,
    ProfileQuery,
    UploadBatch,
    UploadItem,
)
from yikatong_binzhou.gbk_text import resolved, to_form
from yikatong_binzhou.translation import Meaning, load, translated, written_time

BUSY = "PROVINCE-BUSY"
REFUSED = "PROVINCE-REFUSED"
_KIND = "application/x-www-form-urlencoded; charset=GBK"
_LARGEST_PAGE = 200
_CODES = LineCodes(away="PROVINCE-AWAY", busy=BUSY, refused=REFUSED, nonsense=wire.NONSENSE)
_UNKNOWN_ERROR = Meaning("")


@dataclass(frozen=True)
class _Said:
    """A reply that could be read; `error` is its errcode, empty where it did what was asked."""

    error: str
    text: str
    waits: str
    rows: tuple[Mapping[str, object], ...]


class BinzhouProvince:
    """Implements `port.Province`; safe to call from several threads. One is to be open at a time."""

    def __init__(self, endpoint: Endpoint, settle_s: float | None = None) -> None:
        """Prepare the door; raises ValueError in training for an address that is not loopback."""
        self._interface = load()
        self._settle_s = self._interface.settle_s if settle_s is None else settle_s
        self._maps = load_code_maps(endpoint.code_map)
        self._line = HttpLine(
            endpoint.base_url,
            endpoint.device,
            endpoint.training,
            _CODES,
            watch=endpoint.watch,
            authority=endpoint.authority,
        )
        self._sending = threading.Lock()
        self._unanswered: dict[str, float] = {}
        self._began = time.monotonic()

    @property
    def code_maps(self) -> CodeMaps:
        """Return the code lists in use."""
        return self._maps

    def close(self) -> None:
        """Close every connection."""
        self._line.close()

    def clock(self) -> datetime | Refusal:
        """Return the province's time."""
        said = self._one("clock")
        return said if isinstance(said, Refusal) else wire.parse_clock(said)

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        """Have the HSM answer a card's randoms."""
        said = self._one(
            "hsm_step",
            xzqh=request.region,
            kfwxx=request.history,
            sfbs=request.algorithm,
            ksbm=request.card_id,
            nbgcsj=request.internal_process,
            nbyssj=request.internal_original,
            wbgcsj=request.external_process,
            wbyssj=request.external_original,
        )
        if isinstance(said, Refusal):
            return said
        return wire.parse_hsm_answer(said, external_asked=bool(request.external_original))

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        """Ask whether the card may be used now (卡鉴权)."""
        said = self._one(
            "check_card",
            ksbm=request.card_id,
            kh=request.card_number or "",
            rzbz=str(int(request.authenticated)),
            sbbh=request.device,
        )
        if isinstance(said, Refusal):
            return said
        return wire.parse_card_check(said, self._maps, ProfileQuery("", card_id=request.card_id))

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        """Fetch the holder's profile."""
        asked = {"cxmd": query.purpose, "ksbm": query.card_id or "", "sfzhm": query.citizen_number or ""}
        said = self._said("profile", asked)
        if isinstance(said, NoReply):
            return said.refusal
        if len(said.rows) != 1:
            return Refusal.of(wire.NONSENSE, field="data")
        interface = self._interface
        found = translated(said.rows[0], interface.fields["profile"], interface.codes)
        found["insurances"] = self._inside(found["insurances"], "insurances")
        return wire.parse_profile(json.dumps(found).encode(), self._maps, query)

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        """Deliver operations one by one; what follows an undecided one of the same key waits for it."""
        answers: list[ItemAnswer] = []
        undecided: set[str] = set()
        away: Away | None = None
        with self._sending:
            for item in batch.items:
                if away is None and item.order_key not in undecided:
                    answer = self._delivered(batch, item)
                    if isinstance(answer, Away):
                        away = answer
                    else:
                        answers.append(answer)
                        undecided |= {item.order_key} if answer.outcome is Outcome.RETRY else set()
                        continue
                answers.append(ItemAnswer(item.op_id, Outcome.RETRY, BUSY if away is None else away.refusal.code))
        decided = any(answer.outcome is not Outcome.RETRY for answer in answers)
        return away if away is not None and not decided else tuple(answers)

    def operation_status(self, op_id: str) -> ItemAnswer | Refusal | None:
        """Ask what became of an operation; None when the province never saw it."""
        known = self._known(op_id)
        if isinstance(known, NoReply):
            return known.refusal
        return None if known is None else self._answer(known)

    def last_sequence(self, device: str) -> tuple[LastSequence, ...] | Refusal:
        """Ask for the highest device_seq of each incarnation."""
        rows = self._many("last_sequence", {"sbbh": device})
        return rows if isinstance(rows, Refusal) else wire.parse_last_sequences(_json(incarnations=rows))

    def own_operations(self, device: str, after: int) -> tuple[OwnOperation, ...] | Refusal:
        """Ask for what the province has of a device."""
        said = self._said("own_operations", {"sbbh": device, "xh": str(after)}, CallKind.BATCH)
        if isinstance(said, NoReply):
            return said.refusal
        interface = self._interface
        operations = []
        for row in said.rows:
            own = translated(row, interface.fields["operation"], interface.codes)
            operations.append({**own, **self._outcome(row)})
        return wire.parse_own_operations(_json(operations=operations))

    def changes(self, after: int, limit: int) -> ChangePage | Refusal:
        """Ask for changes after a number of the province's sequence; it tells one row more where there are more."""
        limit = min(limit, _LARGEST_PAGE)
        rows = self._many("changes", {"xh": str(after), "ts": str(limit + 1)})
        if isinstance(rows, Refusal):
            return rows
        for row in rows:
            row["tombstone"] = self._interface.tombstones.get(str(row["tombstone"]), row["tombstone"] or None)
        page = rows[:limit]
        body = _json(changes=page, last=page[-1]["seq"] if page else after, more=len(rows) > limit)
        return downlink_wire.parse_changes(body, self._maps, after)

    def enrol(self, enrolment: Enrolment) -> EnrolmentReceipt | Refusal:
        """Not offered."""
        return Refusal(NOT_OFFERED)

    def anchor(self, anchor: Anchor) -> Countersigned | Refusal:
        """Not offered."""
        return Refusal(NOT_OFFERED)

    def release_key(self, device: str, escrow: str, public_key: str) -> str | Refusal:
        """Not offered."""
        return Refusal(NOT_OFFERED)

    def check_audit(self, page: AuditPage) -> AuditFinding | Refusal:
        """Not offered."""
        return Refusal(NOT_OFFERED)

    def sealing_key(self) -> SealingKey | Refusal:
        """Not offered."""
        return Refusal(NOT_OFFERED)

    def _delivered(self, batch: UploadBatch, item: UploadItem) -> ItemAnswer | Away:
        """Send one operation, unless the province has it or may still get it."""
        method = self._interface.kinds.get(item.kind)
        if method is None:
            return ItemAnswer(item.op_id, Outcome.REJECTED, "OP-KIND-UNKNOWN")
        known = self._known(item.op_id)
        if isinstance(known, NoReply):
            return Away(known.refusal, known.retry_after)
        if known is not None:
            self._unanswered.pop(item.op_id, None)
            same = known.get("ywzy") == item.payload_sm3
            answer = self._answer(known) if same else ItemAnswer(item.op_id, Outcome.CONFLICT, "OP-DIGEST")
            return Away(answer) if isinstance(answer, Refusal) else answer
        if self._may_be_on_its_way(item):
            return ItemAnswer(item.op_id, Outcome.RETRY, BUSY)
        said = self._asked(method, self._form(batch, item), CallKind.BATCH)
        if isinstance(said, NoReply):
            self._unanswered[item.op_id] = time.monotonic()
            return Away(said.refusal, said.retry_after)
        self._unanswered.pop(item.op_id, None)
        meaning = self._interface.codes.get(said.error, _UNKNOWN_ERROR)
        if said.error and meaning.outcome is None:
            return Away(*self._refused(said))
        row = {**(said.rows[0] if said.rows else {}), "lsh": item.op_id, "errcode": said.error}
        answer = self._answer(row)
        return Away(answer) if isinstance(answer, Refusal) else answer

    def _may_be_on_its_way(self, item: UploadItem) -> bool:
        now = time.monotonic()
        if now - self._unanswered.get(item.op_id, -self._settle_s) < self._settle_s:
            return True
        lived = now - self._began
        return (item.age_s or 0.0) > lived and lived < self._settle_s

    def _form(self, batch: UploadBatch, item: UploadItem) -> Mapping[str, str]:
        told = {**vars(item), "device": batch.device, "incarnation": batch.incarnation}
        names = {name: its.partition(":")[0] for name, its in self._interface.fields["operation"].items()}
        form = {names[name]: "" if value is None else str(value) for name, value in told.items()}
        return {**form, names["occurred_at"]: written_time(item.occurred_at)}

    def _known(self, op_id: str) -> Mapping[str, object] | NoReply | None:
        said = self._asked(self._interface.operations["operation_status"], {"lsh": op_id})
        if isinstance(said, NoReply):
            return said
        if said.error:
            absent = self._interface.codes.get(said.error, _UNKNOWN_ERROR).reason == "OP-UNKNOWN"
            return None if absent else NoReply(*self._refused(said))
        return said.rows[0] if said.rows else NoReply(Refusal.of(wire.NONSENSE, field="data"))

    def _answer(self, row: Mapping[str, object]) -> ItemAnswer | Refusal:
        return wire.parse_item_answer(json.dumps(self._outcome(row)).encode())

    def _outcome(self, row: Mapping[str, object]) -> dict[str, object]:
        interface = self._interface
        error = str(row.get("errcode") or "")
        meaning = interface.codes.get(error, _UNKNOWN_ERROR)
        found = translated(row, interface.fields["answer"], interface.codes)
        if not error:
            return {**found, "outcome": Outcome.APPLIED.value}
        # A code that nobody listed is not understood: the operation waits, and is asked for again.
        outcome = meaning.outcome or Outcome.RETRY
        return {**found, "outcome": outcome.value, "reason": meaning.reason or wire.NONSENSE}

    def _one(self, operation: str, **fields: str) -> bytes | Refusal:
        rows = self._many(operation, fields)
        if isinstance(rows, Refusal):
            return rows
        return json.dumps(rows[0]).encode() if len(rows) == 1 else Refusal.of(wire.NONSENSE, field="data")

    def _many(self, operation: str, fields: Mapping[str, str]) -> list[dict[str, object]] | Refusal:
        said = self._said(operation, fields)
        if isinstance(said, NoReply):
            return said.refusal
        return [translated(row, self._interface.fields[operation], self._interface.codes) for row in said.rows]

    def _inside(self, rows: object, table: str) -> object:
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return rows
        return [translated(row, self._interface.fields[table], self._interface.codes) for row in rows]

    def _said(self, operation: str, fields: Mapping[str, str], kind: CallKind = CallKind.QUESTION) -> _Said | NoReply:
        """Ask a question; an error is no reply."""
        said = self._asked(self._interface.operations[operation], fields, kind)
        if isinstance(said, NoReply) or not said.error:
            return said
        return NoReply(*self._refused(said))

    def _refused(self, said: _Said) -> tuple[Refusal, float | None]:
        meaning = self._interface.codes.get(said.error, _UNKNOWN_ERROR)
        if meaning.reason == BUSY:
            waits = float(said.waits) if said.waits.isascii() and said.waits.isdigit() else None
            facts = {} if waits is None else {"retry_after": f"{waits:g}"}
            return Refusal.of(BUSY, **facts), waits
        if meaning.reason in ("CARD-UNKNOWN", "HOLDER-UNKNOWN"):
            return Refusal(meaning.reason), None
        return Refusal.of(REFUSED, status=said.error, reason=meaning.reason or said.text), None

    def _asked(self, method: str, fields: Mapping[str, str], kind: CallKind = CallKind.QUESTION) -> _Said | NoReply:
        reply = self._line.exchange("POST", f"/interface/{method}", Content(to_form(fields), _KIND), kind)
        return reply if isinstance(reply, NoReply) else _read(reply.body)


def _read(body: bytes) -> _Said | NoReply:
    try:
        told = resolved(json.loads(body.decode("gbk")))
    except (ValueError, RecursionError):
        return NoReply(Refusal.of(wire.NONSENSE, field="JSON"))
    if not isinstance(told, dict):
        return NoReply(Refusal.of(wire.NONSENSE, field="JSON"))
    flag, rows = told.get("errflag"), told.get("data", [])
    error, text, waits = (str(told.get(name, "")) for name in ("errcode", "errtext", "waits"))
    if flag not in ("0", "1") or (flag == "1") != bool(error) or not _is_rows(rows):
        return NoReply(Refusal.of(wire.NONSENSE, field="errflag"))
    return _Said(error, text, waits, tuple(rows))


def _is_rows(rows: object) -> bool:
    return isinstance(rows, Sequence) and not isinstance(rows, str) and all(isinstance(row, dict) for row in rows)


def _json(**fields: object) -> bytes:
    return json.dumps(fields).encode()
