"""A province that speaks forms in GBK: a façade over a training province, so that the same people exist.

It knows no operation again: what is sent twice is done twice, and `effects` tells.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from yikatong_binzhou.gbk_text import from_form, referenced
from yikatong_binzhou.translation import load, read_time, written_time

from app.domain.op_id import new_op_id
from app.domain.operation import Outcome

LETTERS = {"": "", "0": "A", "1": "1", "2": "2", "3": "S", "4": "B", "6": "4", "7": "7", "9": "4"}
"""AAZ502 as this province writes it: a locked card has a letter that its published list does not explain."""
PAGE = 100
Reply = dict[str, Any]
Form = Mapping[str, str]


@dataclass
class Fault:
    """What goes wrong with the next requests whose method begins so; `count` None is until told otherwise."""

    mode: str = "none"
    method: str = ""
    count: int | None = None
    latency_s: float = 0.0


@dataclass
class Binzhou:
    """The façade's memory and its answers."""

    upstream: httpx.Client
    records: list[dict[str, str]] = field(default_factory=list)
    received: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    fault: Fault = field(default_factory=Fault)
    choose: Callable[[str], str] | None = None
    """Picks a fault for each request, in place of `fault`."""

    def __post_init__(self) -> None:
        self.interface = load()
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.instance = new_op_id(datetime.now().astimezone())
        self.upstream_ids: dict[str, list[str]] = defaultdict(list)
        self.codes = {meaning.reason: code for code, meaning in self.interface.codes.items() if not meaning.outcome}
        self.refusals = {meaning.reason: code for code, meaning in self.interface.codes.items() if meaning.outcome}

    def effects(self, op_id: str) -> int | None:
        """Return how often an operation changed the world; None for one that was never on file."""
        ledger = {row["op_id"]: row["applied"] for row in self.upstream.get("/training/ledger").json()}
        found = [ledger[known] for known in self.upstream_ids[op_id] if known in ledger]
        return sum(found) if found else None

    def does(self, method: str) -> tuple[str, float]:
        """Return what goes wrong with a request, and count it."""
        with self.lock:
            if self.choose is not None:
                return self.choose(method), 0.0
            fault = self.fault
            if not method.startswith(fault.method) or fault.count == 0:
                return "none", 0.0
            if fault.count is not None:
                fault.count -= 1
            return fault.mode, fault.latency_s

    def answer(self, method: str, form: Form) -> Reply:
        """Do what is asked."""
        kind = {its: name for name, its in self.interface.kinds.items()}.get(method)
        if kind is not None:
            with self.lock:
                return self._save(kind, form)
        doing = {its: getattr(self, f"_{name}") for name, its in self.interface.operations.items()}
        return doing[method](form) if method in doing else self._no("REQUEST-MALFORMED")

    def _names(self, table: str) -> Mapping[str, str]:
        return self.interface.fields[table]

    def _no(self, reason: str) -> Reply:
        code = self.codes.get(reason) or "9999"
        return {"errflag": "1", "errcode": code, "errtext": reason}

    def _ok(self, *rows: Mapping[str, object]) -> Reply:
        return {"errflag": "0", "errcode": "", "errtext": "", "data": list(rows)}

    def _put(self, table: str, row: Mapping[str, Any]) -> dict[str, object]:
        """Write a row of the reference wire as this province does: texts only."""
        found: dict[str, object] = {}
        for name, its in self._names(table).items():
            key, _, kind = its.partition(":")
            value = row[name]
            if name in ("social_code", "register_code"):
                value = LETTERS[value]
            match kind:
                case "rows":
                    found[key] = value
                case "flag":
                    found[key] = str(int(value))
                case "day":
                    found[key] = (value or "").replace("-", "")
                case "time":
                    found[key] = written_time(datetime.fromisoformat(value))
                case "reason":
                    found[key] = self.codes[value] if value else ""
                case _:
                    found[key] = "" if value is None else str(value)
        return found

    def _clock(self, _form: Form) -> Reply:
        return self._ok(self._put("clock", self.upstream.get("/v1/clock").json()))

    def _hsm_step(self, form: Form) -> Reply:
        body = {
            "region": form["xzqh"],
            "history": form["kfwxx"],
            "algorithm": form["sfbs"],
            "card_id": form["ksbm"],
            "internal_process": form["nbgcsj"],
            "internal_original": form["nbyssj"],
            "external_process": form["wbgcsj"],
            "external_original": form["wbyssj"],
        }
        return self._passed("/v1/hsm/step", body, "hsm_step")

    def _check_card(self, form: Form) -> Reply:
        body = {
            "card_id": form["ksbm"],
            "card_number": form["kh"] or None,
            "authenticated": form["rzbz"] == "1",
            "device": form["sbbh"],
        }
        return self._passed("/v1/card-checks", body, "check_card")

    def _passed(self, path: str, body: Mapping[str, object], table: str) -> Reply:
        reply = self.upstream.post(path, json=body)
        told = reply.json()
        return self._ok(self._put(table, told)) if reply.is_success else self._no(told["code"])

    def _profile(self, form: Form) -> Reply:
        asked = {"purpose": form["cxmd"], "card_id": form["ksbm"] or None, "citizen_number": form["sfzhm"] or None}
        reply = self.upstream.post("/v1/holders/profile", json=asked)
        told = reply.json()
        if not reply.is_success:
            return self._no(told["code"])
        told["insurances"] = [self._put("insurances", row) for row in told["insurances"]]
        return self._ok(self._put("profile", told))

    def _changes(self, form: Form) -> Reply:
        told = self.upstream.get(f"/v1/changes?after={form['xh']}&limit={form['ts']}").json()
        rows = [self._put("changes", row) for row in told["changes"]]
        marks = {meant: mark for mark, meant in self.interface.tombstones.items()}
        for row in rows:
            row["zzbz"] = marks.get(str(row["zzbz"]), "")
        return self._ok(*rows)

    def _save(self, kind: str, form: Form) -> Reply:
        """Do an operation, whether it was done before or not."""
        self.received[form["lsh"]] += 1
        mine = ("sbbh", "sbpc", "sbxh")
        if any(all(row[key] == form[key] for key in mine) and row["lsh"] != form["lsh"] for row in self.records):
            return {"errflag": "1", "errcode": self.refusals["OP-SEQUENCE-USED"], "errtext": ""}
        op_id = new_op_id(datetime.now().astimezone())
        item = {
            "op_id": op_id,
            "device_seq": next(self.numbers),
            "kind": kind,
            "order_key": form["yxj"],
            "payload": form["ywnr"],
            "payload_sm3": form["ywzy"],
            "schema_ver": int(form["bwbb"]),
            "occurred_at": read_time(form["fssj"]).isoformat(),
            "base_version": int(form["bbh"]) if form["bbh"] else None,
            "age_s": float(form["sc"]) if form["sc"] else None,
        }
        batch = {"device": "滨州前置", "incarnation": self.instance, "items": [item]}
        told = self.upstream.post("/v1/operations", json=batch).raise_for_status().json()["answers"][0]
        error = "" if told["outcome"] == Outcome.APPLIED else self.refusals[told["reason"]]
        done = written_time(datetime.fromisoformat(told["effect_at"])) if told["effect_at"] else ""
        if told["reason"] != "OP-PAYLOAD-ALTERED":
            self.upstream_ids[form["lsh"]].append(op_id)
            self.records.append({**form, "ywlx": kind, "errcode": error, "clsj": done})
        return {"errflag": str(int(bool(error))), "errcode": error, "errtext": "", "data": [{"clsj": done}]}

    def _operation_status(self, form: Form) -> Reply:
        found = next((row for row in self.records if row["lsh"] == form["lsh"]), None)
        return self._no("OP-UNKNOWN") if found is None else self._ok(found)

    def _last_sequence(self, form: Form) -> Reply:
        highest: dict[str, dict[str, str]] = {}
        for row in self.records:
            if row["sbbh"] == form["sbbh"]:
                kept = highest.setdefault(row["sbpc"], row)
                highest[row["sbpc"]] = max(kept, row, key=lambda one: int(one["sbxh"]))
        return self._ok(*highest.values())

    def _own_operations(self, form: Form) -> Reply:
        after = int(form["xh"])
        mine = [row for row in self.records if row["sbbh"] == form["sbbh"] and int(row["sbxh"]) > after]
        numbers = sorted({int(row["sbxh"]) for row in mine})[:PAGE]
        return self._ok(*sorted((row for row in mine if int(row["sbxh"]) in numbers), key=lambda row: int(row["sbxh"])))


@contextlib.contextmanager
def binzhou_server(province_url: str) -> Iterator[tuple[str, Binzhou]]:
    """Serve on a free port of loopback; gives the address and the façade."""
    with httpx.Client(base_url=province_url, trust_env=False, limits=httpx.Limits(keepalive_expiry=1)) as upstream:
        facade = Binzhou(upstream)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(facade))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="binzhou")
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", facade
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(facade: Binzhou) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            method = self.path.rpartition("/")[2]
            form = from_form(self.rfile.read(int(self.headers["Content-Length"])))
            mode, latency_s = facade.does(method)
            time.sleep(latency_s)
            match mode:
                case "none":
                    self._say(200, facade.answer(method, form))
                case "drop_request":
                    self.close_connection = True
                case "drop_reply":
                    facade.answer(method, form)
                    self.close_connection = True
                case "refuse":
                    self._say(403, {"code": "TRAINING-REFUSES"})
                case "http500":
                    self._say(500, {"errflag": "1"})
                case "busy":
                    self._say(200, {"errflag": "1", "errcode": "1000", "errtext": "系统维护", "waits": "1"})
                case "nonsense":
                    self._body(200, "<html>系统维护中</html>".encode("gbk"))

        def _say(self, status: int, reply: Reply) -> None:
            self._body(status, json.dumps(_written(reply), ensure_ascii=False).encode("gbk"))

        def _body(self, status: int, body: bytes) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=GBK")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                # Whoever asked has given up.
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
            """Say nothing."""

    return Handler


def _written(value: Any) -> Any:
    if isinstance(value, str):
        return referenced(value)
    if isinstance(value, list):
        return [_written(item) for item in value]
    if isinstance(value, dict):
        return {name: _written(item) for name, item in value.items()}
    return value
