"""Provinces that each do one thing wrong: a proxy before a right one, which the conformance kit has to find out."""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from app.domain.digest import payload_sm3

UPLOAD = "/v1/operations"


@dataclass(frozen=True)
class Ask:
    """A request on its way to the right province."""

    method: str
    path: str
    """With what follows a question mark."""
    body: dict[str, Any] | None


@dataclass(frozen=True)
class Answer:
    """A reply on its way back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def but(self, **changed: object) -> Answer:
        return replace(self, body=json.dumps({**self.told, **changed}).encode())


Go = Callable[[Ask], Answer]
Defect = Callable[[Ask, Go], Answer]


@contextlib.contextmanager
def defective(url: str, defect: Defect) -> Iterator[str]:
    """Serve a province with a defect on a free port of loopback; gives its address."""
    with httpx.Client(base_url=url, trust_env=False, limits=httpx.Limits(keepalive_expiry=1)) as line:

        def go(ask: Ask) -> Answer:
            reply = line.request(ask.method, ask.path, json=ask.body)
            return Answer(reply.status_code, reply.content)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(None)

            def do_POST(self) -> None:
                self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def _answer(self, body: dict[str, Any] | None) -> None:
                answer = defect(Ask(self.command, self.path, body), go)
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="defective")
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
        server.server_close()


def reply_of(path: str, **changed: object) -> Callable[[], Defect]:
    """A reply that always says so."""

    def defect(ask: Ask, go: Go) -> Answer:
        answer = go(ask)
        return answer.but(**changed) if ask.path.startswith(path) and answer.status == 200 else answer

    return lambda: defect


def on_reply(path: str, name: str, change: Callable[[list[Any]], list[Any]]) -> Callable[[], Defect]:
    """A reply whose list is changed."""
    return lambda: _on(path, lambda _ask, answer: answer.but(**{name: change(answer.told[name])}))


def clock_is_an_hour_off() -> Defect:
    def defect(ask: Ask, go: Go) -> Answer:
        answer = go(ask)
        if ask.path != "/v1/clock":
            return answer
        return answer.but(now=(datetime.fromisoformat(answer.told["now"]) + timedelta(hours=1)).isoformat())

    return defect


def clock_stands() -> Defect:
    kept: list[Answer] = []

    def defect(ask: Ask, go: Go) -> Answer:
        if ask.path != "/v1/clock":
            return go(ask)
        kept[:] = kept or [go(ask)]
        return kept[0]

    return defect


def unproved_card_passes() -> Defect:
    def change(ask: Ask, answer: Answer) -> Answer:
        return answer if ask.body["authenticated"] else answer.but(usable=True)

    return _on("/v1/card-checks", change)


def lost_card_passes() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        return answer.but(usable=True) if answer.told.get("social_code") == "4" else answer

    return _on("/v1/card-checks", change)


def normal_card_fails() -> Defect:
    return _on("/v1/card-checks", lambda ask, answer: answer.but(usable=False) if ask.body["authenticated"] else answer)


def question_marks_for_rare_characters() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        name = answer.told.get("name")
        return answer if name is None else answer.but(name=name.encode("gbk", "replace").decode("gbk"))

    return _on("/v1/holders/profile", change)


def another_person_by_number() -> Defect:
    def change(ask: Ask, answer: Answer) -> Answer:
        return answer.but(person_ref="other") if ask.body.get("citizen_number") and answer.status == 200 else answer

    return _on("/v1/holders/profile", change)


def code_that_nobody_knows() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        return answer.but(production_code="X7") if answer.told.get("social_code") == "4" else answer

    return _on("/v1/holders/profile", change)


def page_for_nobody() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        return Answer(404, b"<html>not found</html>") if answer.status == 404 else answer

    return _on("/v1/card-checks", change)


def trips_over_the_unreadable() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        return Answer(500, b"{}") if answer.status == 422 else answer

    return _on("/v1/holders/profile", change)


def pads_its_replies() -> Defect:
    return _on("/v1/holders/profile", lambda _ask, answer: replace(answer, body=answer.body + b" " * (2 << 20)))


def hsm_forgets_the_random() -> Defect:
    return _on("/v1/hsm/step", lambda _ask, answer: answer.but(internal="0" * 32))


def tells_no_time_of_effect() -> Defect:
    def change(ask: Ask, answer: Answer) -> Answer:
        if ask.body["items"][0]["kind"] != "temporary_loss":
            return answer
        return answer.but(answers=[{**row, "effect_at": None} for row in answer.told["answers"]])

    return _on(UPLOAD, change, "POST")


def knows_nothing_again() -> Defect:
    """The same operation twice is two: the second goes on under another id and number."""
    seen: set[str] = set()

    def item(one: dict[str, Any], batch: dict[str, Any]) -> dict[str, Any]:
        if (key := f"{one['op_id']} {one['payload_sm3']}") not in seen:
            seen.add(key)
            return one
        return _anew(one, batch)

    return _uploads(item)


def takes_other_contents() -> Defect:
    seen: dict[str, str] = {}

    def item(one: dict[str, Any], batch: dict[str, Any]) -> dict[str, Any]:
        known = seen.setdefault(one["op_id"], one["payload_sm3"])
        return one if known == one["payload_sm3"] else _anew(one, batch)

    return _uploads(item)


def takes_a_number_twice() -> Defect:
    seen: dict[tuple[str, int], str] = {}

    def item(one: dict[str, Any], batch: dict[str, Any]) -> dict[str, Any]:
        known = seen.setdefault((batch["incarnation"], one["device_seq"]), one["op_id"])
        return one if known == one["op_id"] else _anew(one, batch, keep_id=True)

    return _uploads(item)


def takes_a_stale_version() -> Defect:
    def item(one: dict[str, Any], _batch: dict[str, Any]) -> dict[str, Any]:
        return {**one, "base_version": None} if one["kind"] == "temporary_loss" else one

    return _uploads(item)


def mixes_the_order() -> Defect:
    def defect(ask: Ask, go: Go) -> Answer:
        if ask.path != UPLOAD:
            return go(ask)
        items = ask.body["items"]
        kinds = {one["kind"] for one in items}
        return go(replace(ask, body={**ask.body, "items": items[::-1] if len(kinds) > 1 else items}))

    return defect


def one_fails_all() -> Defect:
    def defect(ask: Ask, go: Go) -> Answer:
        if ask.path == UPLOAD and any(payload_sm3(one["payload"]) != one["payload_sm3"] for one in ask.body["items"]):
            return Answer(422, b'{"code": "REQUEST-MALFORMED", "message": ""}')
        return go(ask)

    return defect


def loses_rare_characters() -> Defect:
    def item(one: dict[str, Any], _batch: dict[str, Any]) -> dict[str, Any]:
        return {**one, "payload": one["payload"].encode("gbk", "replace").decode("gbk")}

    return _uploads(item)


def has_everything() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        if answer.status != 404:
            return answer
        return Answer(200, b'{"op_id": "x", "outcome": "applied"}')

    return _on(UPLOAD, change, "GET")


def tells_another_status() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        return answer.but(outcome="rejected", reason="OP-TOO-LATE") if answer.status == 200 else answer

    return _on(UPLOAD, change, "GET")


def counts_wrongly() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        rows = [{**row, "device_seq": row["device_seq"] - 1} for row in answer.told["incarnations"]]
        return answer.but(incarnations=rows)

    return _on("/v1/devices/CHECK-01/sequence", change)


def loses_an_operation() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        return answer.but(operations=[row for row in answer.told["operations"] if row["device_seq"] != 2])

    return _on("/v1/devices/CHECK-01/operations", change)


def signs_with_another_key(path: str) -> Callable[[], Defect]:
    def defect(ask: Ask, go: Go) -> Answer:
        answer = go(ask)
        if not ask.path.endswith(path) or answer.status != 200:
            return answer
        signature = answer.told["signature"]
        return answer.but(signature=f"{signature[:-2]}{'00' if signature[-2:] != '00' else '01'}")

    return lambda: defect


def forgets_enrolments() -> Defect:
    seen: set[str] = set()

    def change(ask: Ask, answer: Answer) -> Answer:
        signature = ask.body["signature"]
        if ask.path.endswith("/enrolment") and signature in seen:
            return answer.but(at="another time")
        seen.add(signature)
        return answer

    return _on("/v1/devices/CHECK-01/enrolment", change)


def takes_another_key() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        if answer.status == 200:
            return answer
        row = {"device": "d", "incarnation": "i", "first_key_sm3": "00" * 32, "public_key": "00" * 64}
        row |= {"province_key": "00" * 64, "at": "", "signature": "00"}
        return Answer(200, json.dumps(row).encode())

    return _on("/v1/devices/CHECK-01/enrolment", change)


def goes_back() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        if answer.status == 200:
            return answer
        row = {"device": "d", "incarnation": "i", "anchor_no": 1, "n": 1, "sm3": "00" * 32, "at": "", "signature": "00"}
        return Answer(200, json.dumps(row).encode())

    return _on("/v1/anchors", change)


def finds_every_row_good() -> Defect:
    return _on("/v1/audit-checks", lambda _ask, answer: answer.but(first_bad=None, reason=None))


def gives_long_pages() -> Defect:
    def defect(ask: Ask, go: Go) -> Answer:
        return go(replace(ask, path=ask.path.replace("limit=2", "limit=5"))) if "/v1/changes" in ask.path else go(ask)

    return defect


def tells_of_no_end() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        return answer.but(changes=[{**row, "tombstone": None} for row in answer.told["changes"]])

    return _on("/v1/changes", change)


def tells_of_no_release() -> Defect:
    def change(_ask: Ask, answer: Answer) -> Answer:
        card = "350100D1560000050000A303FFFFFFFF"
        rows = [row for row in answer.told["changes"] if not (row["card_id"] == card and row["social_code"] == "1")]
        return answer.but(changes=rows)

    return _on("/v1/changes", change)


def loses_a_department() -> Defect:
    def change(ask: Ask, answer: Answer) -> Answer:
        if ask.body["kind"] != "rights":
            return answer
        return Answer(404, b'{"code": "ENTRY-KIND-UNKNOWN", "message": ""}')

    return _on("/v1/entries", change)


def has_every_licence() -> Defect:
    kept: list[Answer] = []

    def change(ask: Ask, answer: Answer) -> Answer:
        kept.extend([answer] if answer.status == 200 else [])
        return kept[0].but(licence_id=ask.body["licence_id"]) if answer.status == 404 else answer

    return _on("/v1/licences/document", change)


def tells_without_end() -> Defect:
    def defect(ask: Ask, go: Go) -> Answer:
        path, _, after = ask.path.partition("?after=")
        if path != "/v1/notices" or after == "0":
            return go(ask)
        answer = go(replace(ask, path="/v1/notices?after=0"))
        number = int(after) + 1
        return answer.but(notices=[{**answer.told["notices"][0], "seq": number}], last=number)

    return defect


def enters_terminals_anew() -> Defect:
    def defect(ask: Ask, go: Go) -> Answer:
        if ask.path != "/v1/terminals":
            return go(ask)
        answer = go(ask)
        return answer.but(at=datetime.now().astimezone().isoformat())

    return defect


def maintained(**headers: str) -> Defect:
    """Not a defect by itself: what a province says while it is maintained."""
    return lambda _ask, _go: Answer(503, b'{"code": "MAINTENANCE", "message": ""}', headers)


def _on(path: str, change: Callable[[Ask, Answer], Answer], method: str = "") -> Defect:
    def defect(ask: Ask, go: Go) -> Answer:
        answer = go(ask)
        return change(ask, answer) if ask.path.startswith(path) and ask.method.startswith(method) else answer

    return defect


def _anew(one: dict[str, Any], batch: dict[str, Any], keep_id: bool = False) -> dict[str, Any]:
    batch["incarnation"] = f"anew-{secrets.token_hex(4)}"
    return one if keep_id else {**one, "op_id": secrets.token_hex(16)}


def _uploads(change: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]) -> Defect:
    """A defect in taking operations; each answer goes back under the id that was asked."""

    def defect(ask: Ask, go: Go) -> Answer:
        if ask.path != UPLOAD or ask.body is None:
            return go(ask)
        batch = dict(ask.body)
        batch["items"] = [change(one, batch) for one in ask.body["items"]]
        answer = go(replace(ask, body=batch))
        ids = {new["op_id"]: old["op_id"] for old, new in zip(ask.body["items"], batch["items"], strict=True)}
        return answer.but(answers=[{**row, "op_id": ids[row["op_id"]]} for row in answer.told["answers"]])

    return defect


DEFECTS: tuple[tuple[str, Callable[[], Defect]], ...] = (
    ("Q1", clock_is_an_hour_off),
    ("Q2", clock_stands),
    ("Q3", hsm_forgets_the_random),
    ("Q4", normal_card_fails),
    ("Q5", unproved_card_passes),
    ("Q6", lost_card_passes),
    ("Q7", another_person_by_number),
    ("Q8", page_for_nobody),
    ("Q9", code_that_nobody_knows),
    ("Q10", question_marks_for_rare_characters),
    ("O1", tells_no_time_of_effect),
    ("O2", knows_nothing_again),
    ("O3", tells_another_status),
    ("O4", has_everything),
    ("O5", takes_other_contents),
    ("O6", takes_a_number_twice),
    ("O7", one_fails_all),
    ("O8", mixes_the_order),
    ("O9", counts_wrongly),
    ("O10", loses_an_operation),
    ("O11", takes_a_stale_version),
    ("O12", loses_rare_characters),
    ("A1", signs_with_another_key("/enrolment")),
    ("A2", forgets_enrolments),
    ("A3", takes_another_key),
    ("A4", signs_with_another_key("/anchors")),
    ("A5", goes_back),
    ("A6", finds_every_row_good),
    ("A7", signs_with_another_key("/sealing-key")),
    ("A8", reply_of("/v1/devices/CHECK-01/key-releases", sealed="00" * 120)),
    ("D1", gives_long_pages),
    ("D2", tells_of_no_end),
    ("D3", tells_of_no_release),
    ("S1", on_reply("/v1/services", "services", lambda rows: [{**rows[0], "service": "teleport"}, *rows[1:]])),
    ("S2", reply_of("/v1/service-checks", allowed=True, reason=None)),
    ("S3", on_reply("/v1/progress", "requests", lambda rows: [{**row, "step_code": "X7"} for row in rows])),
    ("S4", loses_a_department),
    ("S5", has_every_licence),
    ("S6", tells_without_end),
    ("S7", on_reply("/v1/code-tables/", "codes", lambda _rows: [])),
    ("S8", reply_of("/v1/photo-rules", least_bytes=9, most_bytes=8)),
    ("S9", on_reply("/v1/appointments", "appointments", lambda rows: [{**row, "state": "lost"} for row in rows])),
    ("S10", enters_terminals_anew),
    ("L1", trips_over_the_unreadable),
    ("L3", pads_its_replies),
)
"""The one check that has to fail, and what is wrong."""
