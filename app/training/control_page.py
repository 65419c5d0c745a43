"""The training desk's page in a browser: what goes wrong now, and a form that changes it. Plain HTML, no script."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from app.domain.clock import Clock
from app.training.fault_plan import LARGEST_OFFSET_S
from app.training.faults import BANK, PROVINCE, FaultBox
from app.training.shifted_clock import ShiftedClock
from app.training.wire_models import FaultBody

PAGE = "/training/control"
_LARGEST_FORM = 4096
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
}
_MODES = {
    "none": "正常",
    "away": "没有应答（收到就断开）",
    "drop_reply": "办了但丢失答复",
    "duplicate": "同一请求办两遍",
    "busy": "正忙（503）",
    "maintenance": "停机维护（503）",
    "refuse": "拒绝（403）",
    "http500": "故障（500）",
    "status": "指定状态码",
    "nonsense": "答非所问",
    "codes": "答复里的代码变了",
}
_STYLE = "body{font:1rem/1.6 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}label{display:block}"
_NUMBERS = ("latency_ms", "count", "status", "retry_after_s", "share")


def add_control(api: FastAPI, faults: FaultBox, clock: Clock) -> None:
    """Add the page; forms are taken from the page itself only."""

    @api.get(PAGE, include_in_schema=False)
    def show() -> Response:
        return HTMLResponse(_page(faults, clock), headers=_HEADERS)

    @api.post(PAGE, include_in_schema=False)
    async def change(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            raise HTTPException(403, "TRAINING-OTHER-ORIGIN")
        body = await request.body()
        if len(body) > _LARGEST_FORM:
            raise HTTPException(413, "REQUEST-TOO-LARGE")
        form = {name: values[-1].strip() for name, values in parse_qs(body.decode(errors="replace")).items()}
        try:
            if "offset_s" in form and isinstance(clock, ShiftedClock):
                clock.offset_s = _offset(form["offset_s"])
            else:
                faults.set(_fault(form))
        except (ValidationError, ValueError):
            raise HTTPException(422, "REQUEST-MALFORMED") from None
        return RedirectResponse(PAGE, status_code=303, headers=_HEADERS)


def _offset(text: str) -> float:
    offset = float(text)
    # Not the other way round: a number that is none compares with nothing.
    if not abs(offset) <= LARGEST_OFFSET_S:
        raise ValueError(text)
    return offset


def _fault(form: dict[str, str]) -> FaultBody:
    values: dict[str, object] = {name: int(form[name]) for name in _NUMBERS if form.get(name)}
    field, separator, code = form.get("code", "").partition("=")
    codes = {field.strip(): code.strip()} if separator else {}
    return FaultBody.model_validate(
        {**values, "mode": form.get("mode", "none"), "path": form.get("path") or None, "codes": codes}
    )


def _page(faults: FaultBox, clock: Clock) -> str:
    told = "".join(f"<li>{_told(door, fault)}</li>" for door, fault in faults.told().items())
    planned = "".join(f"<li>{_told(fault.path or PROVINCE, fault)}</li>" for fault in faults.planned())
    offset = f"{clock.offset_s:g}" if isinstance(clock, ShiftedClock) else "0"
    modes = "".join(f'<option value="{name}">{words}</option>' for name, words in _MODES.items())
    doors = f'<option value="{PROVINCE}">省平台</option><option value="{BANK}">银行</option>'
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>训练省平台控制台</title>'
        f"<style>{_STYLE}</style></head><body><h1>训练省平台控制台</h1>"
        f"<p>省平台时间：{escape(f'{clock.now():%Y-%m-%d %H:%M:%S}')} UTC</p>"
        f"<h2>现在的故障</h2><ul>{told or '<li>没有</li>'}</ul>"
        f"<h2>文件里的故障</h2><ul>{planned or '<li>没有</li>'}</ul>"
        f'<h2>改变</h2><form method="post" action="{PAGE}">'
        f'<label>哪一方 <select name="path">{doors}</select></label>'
        f'<label>怎样 <select name="mode">{modes}</select></label>'
        '<label>延迟（毫秒） <input name="latency_ms" inputmode="numeric" value="0"></label>'
        '<label>次数（空为一直） <input name="count" inputmode="numeric"></label>'
        '<label>状态码 <input name="status" inputmode="numeric" value="400"></label>'
        '<label>重试间隔（秒） <input name="retry_after_s" inputmode="numeric" value="1"></label>'
        '<label>代码（字段=新代码） <input name="code"></label>'
        "<button>生效</button></form>"
        f'<h2>时钟</h2><form method="post" action="{PAGE}"><label>偏差（秒） '
        f'<input name="offset_s" value="{offset}"></label><button>生效</button></form></body></html>'
    )


def _told(door: str, fault: FaultBody) -> str:
    parts = [escape(fault.path or door), _MODES[fault.mode]]
    parts += [f"延迟 {fault.latency_ms} 毫秒"] if fault.latency_ms else []
    parts += [f"{fault.count} 次"] if fault.count is not None else []
    parts += [f"{fault.share}%"] if fault.share < 100 else []
    return " · ".join(parts)
