"""What the clerk of the tour presses: two visits and a release, the province killed in the middle."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from app.hall.training_staff import training_password
from ui.clerk.flow import ClerkFlow
from ui.tour.player import Press, Script, Step, Type, Until
from ui.tour.stage import Stage

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
OFFLINE_WORDS = ("未生效", "卡鉴权", "未做", "12333")


def visit_script(flow: ClerkFlow, stage: Stage, check: Callable[[str, bool], None]) -> Script:
    """Yield every press and wait of the tour; `check` notes a claim about a paper."""
    yield Until("the window is active", flow.window.isActiveWindow)
    yield Until("the counter is open", lambda: flow.opened)
    yield Step("sign-in")
    yield Type("0317")
    yield Press(Qt.Key.Key_Tab)
    yield Type(training_password())
    yield Press(Qt.Key.Key_F9)
    yield from _on(flow, "workbench")
    yield Step("workbench")

    yield from _call(flow)
    yield Step("called")
    stage.reader.insert(flow, "gen3")
    yield from _read(flow, stage)
    yield Step("profile")
    yield from _choose(flow, "20")
    yield Step("loss-form")
    yield from _review(flow)
    yield Step("loss-review")
    yield from _submit(flow)
    yield from _receipt(flow, stage, "loss", ("省平台已受理",), check)
    yield Step("loss-receipt", _op(flow))
    yield from _finish(flow, stage)

    yield from _call(flow)
    stage.reader.insert(flow, "gen2")
    yield from _read(flow, stage)
    yield Step("second-profile")
    stage.kill_province()
    yield Until("the window says that the province is away", lambda: not flow.counter.circuit.online)
    yield Until("the banner is shown", lambda: flow.window.province_shown is False)
    yield Step("province-away")
    yield from _choose(flow, "20")
    yield Step("offline-form")
    yield from _review(flow)
    yield from _submit(flow)
    yield from _receipt(flow, stage, "offline-loss", (*OFFLINE_WORDS, _bank_line(flow)), check)
    yield Step("offline-receipt", _op(flow))
    yield Press(Qt.Key.Key_Escape)
    yield from _on(flow, "profile")
    yield Press(Qt.Key.Key_K, CTRL)
    yield Type("22")
    yield Press(Qt.Key.Key_Return)
    yield Step("release-refused-offline")
    check("release is refused offline", flow.refused_code("22") == "OFFLINE-NEVER")
    yield Press(Qt.Key.Key_Escape)
    yield from _finish(flow, stage)
    yield Press(Qt.Key.Key_6, ALT)
    yield from _on(flow, "sync_centre")
    yield Step("sync-centre-waiting")

    stage.bring_province_back()
    yield Until("the outbox is drained by itself", lambda: flow.pending == 0, 60.0)
    yield Until("the window says that the province is back", lambda: flow.window.province_shown is True)
    yield Step("sync-centre-drained")
    yield Press(Qt.Key.Key_Escape)
    yield from _on(flow, "workbench")

    yield from _call(flow)
    stage.reader.insert(flow, "gen3")
    yield from _read(flow, stage)
    yield Step("lost-profile")
    yield Press(Qt.Key.Key_F9)
    yield from _on(flow, "form")
    yield Step("release-form")
    yield from _review(flow)
    yield from _submit(flow)
    yield from _receipt(flow, stage, "release", ("解除挂失", "省平台已受理"), check)
    yield Step("release-receipt", _op(flow))
    yield from _finish(flow, stage)
    yield Step("done")


def _op(flow: ClerkFlow) -> str | None:
    return flow.service.acceptance.op_id if flow.service.acceptance is not None else None


def _on(flow: ClerkFlow, screen: str) -> Script:
    yield Until(f"the {screen} screen", lambda: flow.window.screen_id == screen and not flow.busy)


def _bank_line(flow: ClerkFlow) -> str:
    visit = flow.counter.desk.in_hand.visit
    assert visit is not None
    assert visit.bank_line
    return visit.bank_line


def _call(flow: ClerkFlow) -> Script:
    yield Press(Qt.Key.Key_N, CTRL)
    yield Until("a number was given", lambda: not flow.busy)
    yield Press(Qt.Key.Key_F4)
    yield Until("the number was called", lambda: not flow.busy and flow.counter.desk.in_hand.ticket is not None)


def _read(flow: ClerkFlow, stage: Stage) -> Script:
    if stage.reader.watches:
        yield Until("the card is in the reader", lambda: flow.card_ready)
    yield Press(Qt.Key.Key_F2)
    yield from _on(flow, "profile")
    yield Until("the profile is there", lambda: flow.counter.desk.in_hand.visit is not None)


def _choose(flow: ClerkFlow, code: str) -> Script:
    yield Press(Qt.Key.Key_K, CTRL)
    yield Type(code)
    yield Press(Qt.Key.Key_Return)
    yield from _on(flow, "form")


def _review(flow: ClerkFlow) -> Script:
    yield Press(Qt.Key.Key_F9)
    yield from _on(flow, "review")


def _submit(flow: ClerkFlow) -> Script:
    yield Press(Qt.Key.Key_F9)
    yield from _on(flow, "receipt")
    yield Until("the receipt is there", lambda: flow.service.printed is not None)


def _receipt(
    flow: ClerkFlow, stage: Stage, name: str, words: tuple[str, ...], check: Callable[[str, bool], None]
) -> Script:
    receipt = flow.service.printed
    assert receipt is not None
    text = stage.keep_receipt(name, receipt.pdf)
    check(f"receipt {name} was read by pdftotext", text is not None)
    for word in words:
        check(f"receipt {name} says {word}", word in (text or "").replace("\n", "").replace(" ", ""))
    yield Press(Qt.Key.Key_F8)
    yield Until("the receipt was printed", lambda: (flow.service.printed or receipt).copies > 0)


def _finish(flow: ClerkFlow, stage: Stage) -> Script:
    stage.reader.remove(flow)
    yield Until("the card is out of the reader", lambda: not flow.card_ready)
    yield Press(Qt.Key.Key_Return, CTRL)
    yield from _on(flow, "workbench")
    yield Until("the number is done", lambda: flow.counter.desk.in_hand.ticket is None)
