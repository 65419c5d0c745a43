"""E-cards against the running province: codes from a trainee's phone, authorisation, and the hall's own code."""

from __future__ import annotations

import html
import re
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
import zxingcpp

from app.domain.ecard import EcardAuthorisation, EcardBusiness, EcardUse
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.province.ecard_client import HttpEcards
from app.province.ecard_port import EcardState, LoginAnswer, LoginCode, LoginRequest, LoginState, VerifiedEcard
from app.province.http_client import HttpProvince
from app.training.ecard_phone import PAGE
from app.training.process import TrainingProvince
from hardware.scanners.qr_drawing import qr_svg
from tests.contract.province.conftest import DEVICE, Desk

_CELLS = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)h-")
_SIDE = re.compile(r'viewBox="0 0 (\d+) ')
_SCALE = 6
ASKED = LoginRequest(EcardBusiness.QUERY, "窗口业务办理", ("identity", "card"))


@pytest.fixture
def ecards(client: HttpProvince) -> HttpEcards:
    return HttpEcards(client.line, DEVICE)


class Phone:
    """The phone's page, asked as a browser asks."""

    def __init__(self, url: str, card_id: str) -> None:
        self._page = f"{url}{PAGE}/{card_id}"

    def page(self) -> httpx.Response:
        return httpx.get(self._page, trust_env=False)

    def code(self) -> str:
        return drawn_code(self.page().raise_for_status().text)

    def authorise(self, *items: str) -> httpx.Response:
        return self._send("authorise", {"item": list(items)})

    def scan(self, code: str) -> str:
        return self._send("scan", {"code": code}).raise_for_status().text

    def answer(self, asked: str, word: str) -> str:
        found = re.search(r'name="login_id" value="([0-9a-f]+)"', asked)
        assert found is not None, asked
        return self._send("answer", {"login_id": found[1], "answer": word}).raise_for_status().text

    def _send(self, what: str, form: dict[str, str | list[str]]) -> httpx.Response:
        return httpx.post(f"{self._page}/{what}", data=form, trust_env=False, follow_redirects=True)


def drawn_code(page: str) -> str:
    """Paint the page's squares and read them as a camera would."""
    side = _SIDE.search(page)
    assert side is not None
    picture = np.full((int(side[1]) * _SCALE,) * 2, 255, np.uint8)
    for cell in _CELLS.findall(page):
        x, y, width, height = (int(value) * _SCALE for value in cell)
        cv2.rectangle(picture, (x, y), (x + width - 1, y + height - 1), 0, -1)
    read = zxingcpp.read_barcode(picture)
    assert read is not None
    return str(read.text)


def phone(province: TrainingProvince, desk: Desk, situation: str) -> Phone:
    return Phone(province.url, desk.card(situation)["card_id"])


def made(found: Any, kind: type[Any]) -> Any:
    assert isinstance(found, kind), found
    return found


def test_a_code_from_the_phone_names_its_holder_once(
    province: TrainingProvince, desk: Desk, ecards: HttpEcards
) -> None:
    card = desk.card("normal")
    code = Phone(province.url, card["card_id"]).code()
    found = made(ecards.verify(code, EcardBusiness.QUERY, "test"), VerifiedEcard)
    assert (found.card_id, found.name, found.use) == (card["card_id"], card["name"], EcardUse.ALL)
    assert found.authorisation is None
    assert ecards.verify(code, EcardBusiness.QUERY, "test") == Refusal("ECARD-CODE-UNKNOWN")
    assert made(ecards.state(found.ecard_number, "test"), EcardState).use is EcardUse.ALL
    assert ecards.state("0" * 32, "test") == Refusal("ECARD-UNKNOWN")


def test_no_code_is_logged_or_told_again(
    province: TrainingProvince, desk: Desk, ecards: HttpEcards, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    code = phone(province, desk, "normal").code()
    found = made(ecards.verify(code, EcardBusiness.QUERY, "test"), VerifiedEcard)
    refused = made(ecards.verify(code, EcardBusiness.QUERY, "test"), Refusal)
    assert "/v1/e-card/codes/verify" in caplog.text
    assert code not in caplog.text + repr(found) + repr(refused)


def test_each_sight_of_the_phone_is_another_code(province: TrainingProvince, desk: Desk) -> None:
    page = phone(province, desk, "normal")
    assert page.code() != page.code()


def test_a_holder_authorises_items_on_the_phone(province: TrainingProvince, desk: Desk, ecards: HttpEcards) -> None:
    mine = phone(province, desk, "normal")
    assert mine.authorise("identity").status_code == 200
    found = made(ecards.verify(mine.code(), EcardBusiness.OTHER, "test"), VerifiedEcard)
    given = made(found.authorisation, EcardAuthorisation)
    assert given.items == ("identity",)
    assert ecards.authorisation(given.number, "test") == given
    assert ecards.authorisation("SQ0", "test") == Refusal("ECARD-AUTHORISATION-UNKNOWN")
    assert mine.authorise("anything").status_code == 422


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (SocialState.LOST_TEMPORARY, "ECARD-NOT-AUTHORISED"),
        (SocialState.LOST_FORMAL, "ECARD-PAUSED"),
        (SocialState.CANCELLED, "ECARD-STOPPED"),
    ],
)
def test_an_e_card_follows_its_card(
    province: TrainingProvince, desk: Desk, ecards: HttpEcards, state: SocialState, code: str
) -> None:
    card_id = desk.card("normal")["card_id"]
    desk.post(f"/training/cards/{card_id}/state", {"social": state.value}).raise_for_status()
    mine = Phone(province.url, card_id)
    assert ecards.verify(mine.code(), EcardBusiness.QUERY, "test") == Refusal(code)
    mine.authorise("identity")
    after = ecards.verify(mine.code(), EcardBusiness.QUERY, "test")
    if state is SocialState.LOST_TEMPORARY:
        assert made(after, VerifiedEcard).use is EcardUse.OWN_AUTHORISATION
    else:
        assert after == Refusal(code)


def test_a_holder_confirms_the_halls_code(province: TrainingProvince, desk: Desk, ecards: HttpEcards) -> None:
    login = made(ecards.begin_login(ASKED), LoginCode)
    assert ecards.login(login.login_id) == LoginAnswer(LoginState.WAITING, None)
    mine = phone(province, desk, "normal")
    asked = mine.scan(login.code)
    assert html.unescape(asked).count("<li>") == len(ASKED.items)
    assert "已授权" in mine.answer(asked, "yes")
    answer = made(ecards.login(login.login_id), LoginAnswer)
    assert answer.state is LoginState.CONFIRMED
    assert made(made(answer.ecard, VerifiedEcard).authorisation, EcardAuthorisation).items == ASKED.items
    assert ecards.login(login.login_id) == Refusal("ECARD-LOGIN-UNKNOWN")
    assert "无效" in mine.scan(login.code)


def test_a_holder_declines_or_the_hall_cancels(province: TrainingProvince, desk: Desk, ecards: HttpEcards) -> None:
    mine = phone(province, desk, "normal")
    declined = made(ecards.begin_login(ASKED), LoginCode)
    mine.answer(mine.scan(declined.code), "no")
    assert ecards.login(declined.login_id) == LoginAnswer(LoginState.DECLINED, None)
    cancelled = made(ecards.begin_login(ASKED), LoginCode)
    assert ecards.cancel_login(cancelled.login_id) == LoginAnswer(LoginState.CANCELLED, None)
    assert "无效" in mine.scan(cancelled.code)


def test_a_login_belongs_to_its_device(client: HttpProvince, ecards: HttpEcards) -> None:
    login = made(ecards.begin_login(ASKED), LoginCode)
    other = HttpEcards(client.line, "窗口-99")
    assert other.login(login.login_id) == Refusal("ECARD-LOGIN-UNKNOWN")
    assert other.cancel_login(login.login_id) == Refusal("ECARD-LOGIN-UNKNOWN")


def test_the_phone_runs_no_script_and_takes_no_strange_form(province: TrainingProvince, desk: Desk) -> None:
    card_id = desk.card("normal")["card_id"]
    page = Phone(province.url, card_id).page()
    assert "script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    strange = httpx.post(
        f"{province.url}{PAGE}/{card_id}/authorise",
        data={"item": "identity"},
        headers={"Origin": "http://example.invalid"},
        trust_env=False,
    )
    assert strange.status_code == 403
    assert Phone(province.url, "nobody").page().status_code == 404


def test_a_drawn_code_reads_as_its_text() -> None:
    assert drawn_code(qr_svg("ESSC-0123456789")) == "ESSC-0123456789"
