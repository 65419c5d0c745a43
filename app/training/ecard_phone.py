"""A trainee's phone in a browser: whose e-card, its rotating code, and what its holder authorises. No script.

Only loopback names reach it, and forms are taken from the page itself only.
"""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from app.catalogue.ecard import load as load_rules
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.training.ecard_desk import CODE_LIFE, EcardDesk
from app.training.holders import HolderDesk
from app.training.wire_models import HolderReply
from hardware.scanners.qr_drawing import qr_svg

PAGE = "/training/phone"
_LARGEST_FORM = 4096
_PURPOSE = "窗口业务办理"
_SHOWN_S = int(CODE_LIFE.total_seconds()) - 2
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_SHOWN = (SocialState.NORMAL, SocialState.LOST_TEMPORARY, SocialState.LOST_FORMAL, SocialState.CANCELLED)
_STATES = {
    SocialState.NORMAL: "正常",
    SocialState.LOST_TEMPORARY: "临时挂失",
    SocialState.LOST_FORMAL: "正式挂失",
    SocialState.CANCELLED: "注销",
}
_OF_EACH = 5
_STYLE = (
    "@property --left{syntax:'<integer>';inherits:true;initial-value:0}"
    f"@keyframes wane{{from{{--left:{_SHOWN_S}}}to{{--left:0}}}}"
    "body{font:1rem/1.6 'Noto Sans SC',sans-serif;color:#1b2733;background:#f4f6f8;max-width:22rem;margin:1rem auto;"
    "padding:0 1rem}main{background:#fff;border-radius:.75rem;padding:1rem 1.25rem}h1{font-size:1.25rem;margin:0}"
    "svg{display:block;width:100%;margin:.5rem 0}li,label{min-height:2.75rem}label{display:block}"
    "button{font:inherit;min-height:2.75rem;padding:0 1.25rem;margin:.25rem .5rem .25rem 0}"
    f".left{{animation:wane {_SHOWN_S}s linear forwards;counter-reset:left var(--left)}}"
    ".left b::after{content:counter(left)}"
)


def add_phone(api: FastAPI, desk: EcardDesk, holders: HolderDesk) -> None:
    """Add the phone's pages; they are no part of the wire's OpenAPI."""

    @api.get(PAGE, include_in_schema=False)
    def choose() -> Response:
        found = [(state, row) for state in _SHOWN for row in holders.list(state, _OF_EACH) if row.card_id]
        return _page("选择持卡人", "<ul>" + "".join(_choice(state, row) for state, row in found) + "</ul>")

    @api.get(PAGE + "/{card_id}", include_in_schema=False)
    def show(card_id: str) -> Response:
        code = desk.show(card_id)
        if code is None:
            raise HTTPException(404, "CARD-UNKNOWN")
        # The page fetches its next code by itself, before the old one ends.
        return _page("电子社保卡", _code(card_id, code), {"Refresh": str(_SHOWN_S)})

    @api.post(PAGE + "/{card_id}/authorise", include_in_schema=False)
    async def authorise(card_id: str, request: Request) -> Response:
        form = await _form(request)
        given = desk.authorise(card_id, tuple(form.get("item", ())), _PURPOSE)
        if isinstance(given, Refusal):
            raise HTTPException(422, given.code)
        return RedirectResponse(f"{PAGE}/{card_id}", status_code=303, headers=_HEADERS)

    @api.post(PAGE + "/{card_id}/scan", include_in_schema=False)
    async def scan(card_id: str, request: Request) -> Response:
        asked = desk.asked((await _form(request)).get("code", [""])[-1].strip())
        if asked is None:
            return _page("扫码登录", "<p>登录码无效或已过期，请窗口重新出示。</p>" + _back(card_id))
        login_id, body = asked
        words = load_rules().items
        items = "".join(f"<li>{escape(words[item])}</li>" for item in body.items)
        return _page(
            "确认授权",
            f"<p>{escape(body.device)} 请求授权，用途：{escape(body.purpose)}</p><ul>{items}</ul>"
            f'<form method="post" action="{PAGE}/{escape(card_id)}/answer">'
            f'<input type="hidden" name="login_id" value="{login_id}">'
            '<button name="answer" value="yes">确认授权</button><button name="answer" value="no">拒绝</button></form>',
        )

    @api.post(PAGE + "/{card_id}/answer", include_in_schema=False)
    async def answer(card_id: str, request: Request) -> Response:
        form = await _form(request)
        login_id, confirmed = form.get("login_id", [""])[-1], form.get("answer", [""])[-1] == "yes"
        refusal = await run_in_threadpool(desk.answer, card_id, login_id, confirmed)
        said = f"没有办成：{escape(refusal.code)}" if refusal else "已授权" if confirmed else "已拒绝"
        return _page("扫码登录", f"<p>{said}</p>" + _back(card_id))


async def _form(request: Request) -> dict[str, list[str]]:
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "TRAINING-OTHER-ORIGIN")
    body = await request.body()
    if len(body) > _LARGEST_FORM:
        raise HTTPException(413, "REQUEST-TOO-LARGE")
    return parse_qs(body.decode(errors="replace"))


def _choice(state: SocialState, row: HolderReply) -> str:
    return f'<li><a href="{PAGE}/{escape(row.card_id or "")}">{escape(row.name)}</a> · {_STATES[state]}</li>'


def _code(card_id: str, code: str) -> str:
    address = f"{PAGE}/{escape(card_id)}"
    boxes = "".join(
        f'<label><input type="checkbox" name="item" value="{key}" checked> {escape(words)}</label>'
        for key, words in load_rules().items.items()
    )
    return (
        f'{qr_svg(code)}<p class="left"><b></b> 秒后自动更新，只能使用一次</p>'
        f'<form method="post" action="{address}/authorise"><p>授权给窗口：</p>{boxes}<button>确认授权</button></form>'
        f'<form method="post" action="{address}/scan"><label>窗口的登录码 <input name="code" autocomplete="off">'
        f"</label><button>扫一扫</button></form>"
    )


def _back(card_id: str) -> str:
    return f'<p><a href="{PAGE}/{escape(card_id)}">返回二维码</a></p>'


def _page(title: str, content: str, more: dict[str, str] | None = None) -> Response:
    return HTMLResponse(
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}（训练）</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}（训练）</h1>{content}</main></body></html>",
        headers={**_HEADERS, **(more or {})},
    )
