"""`yikatong tour --out DIR`: plays the visit, leaves pictures, receipts and tour.json; exit 0 only if all agrees."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.refusal import Refusal
from app.verbs.printing import print_json, print_refusal
from ui.tour.display import some_display

if TYPE_CHECKING:
    from ui.tour.card_reader import TourReader
    from ui.tour.player import Player
    from ui.tour.stage import Stage


def run(namespace: argparse.Namespace) -> int:
    """Play the tour; exit code 0 when every claim held."""
    out = Path(namespace.out).resolve()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print_refusal(Refusal.of("TOUR-OUT-UNUSABLE", folder=out, error=error.strerror))
        return 2
    with some_display() as missing:
        if missing is not None:
            print_refusal(missing)
            return 2
        if namespace.driver is not None:
            if not namespace.driver.is_file():
                print_refusal(Refusal.of("READER-DRIVER-MISSING", detail=namespace.driver))
                return 2
            from ui.tour.driver_box import DriverBoxReader

            return _play(out, DriverBoxReader.empty(namespace.driver), namespace.json)
        from ui.tour.card_reader import some_card_reader

        with some_card_reader() as reader:
            return _play(out, reader, namespace.json)


def _play(out: Path, reader: TourReader, as_json: bool) -> int:
    from PySide6.QtWidgets import QApplication

    from app.services.offline_folder import read_outbox
    from ui.clerk.face import open_face
    from ui.tour.player import Player
    from ui.tour.stage import Stage
    from ui.tour.visit_script import visit_script

    app = QApplication(["yikatong"])
    stage = Stage.build(out, reader)
    claims: dict[str, bool] = {}
    try:
        face = open_face(app, stage.settings())
        script = visit_script(face.flow, stage, claims.__setitem__)
        player = Player(face.flow.window, script, out, app.quit)
        player.start()
        app.exec()
        face.close()
        rows = read_outbox(out / "data")
        operations = [] if isinstance(rows, Refusal) else [row.op_id for row in rows]
        told = _report(out, stage, player, claims, operations)
    finally:
        stage.province.stop()
    (out / "tour.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    if as_json:
        print_json(told)
    return 0 if told["ok"] else 1


def _report(
    out: Path, stage: Stage, player: Player, claims: Mapping[str, bool], operations: list[str]
) -> Mapping[str, object]:
    from app.services.journal_check import verify_journal

    verified = verify_journal(out / "data")
    journal: Mapping[str, object] = (
        {"rows": 0, "ok": False, "first_bad": None, "code": verified.code}
        if isinstance(verified, Refusal)
        else {"rows": verified.rows, "ok": verified.ok, "first_bad": verified.first_bad}
    )
    ledger = stage.ledger()
    exact = {row["op_id"]: row["applied"] for row in ledger} == dict.fromkeys(operations, 1)
    ok = player.failure is None and all(claims.values()) and exact and len(operations) > 0 and journal["ok"] is True
    return {
        "ok": ok,
        "reader": stage.reader.service,
        "steps": [asdict(step) for step in player.records],
        "claims": dict(claims),
        "ledger": ledger,
        "journal": journal,
        "failure": player.failure,
    }
