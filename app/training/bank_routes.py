"""The training bank's addresses: /bank/v1, and what only a training bank has."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException

from app.training.bank_desk import BankDesk
from app.training.bank_models import (
    AccountBody,
    BankLedgerRow,
    LossBody,
    OpeningBody,
    ReleaseBody,
    ReturnBody,
    SerialReply,
)
from app.training.opening_desk import OpeningDesk


def add_bank(api: FastAPI, desk: BankDesk, openings: OpeningDesk) -> None:
    """Add the bank to an application; its addresses are no part of the province's OpenAPI."""

    @api.post("/bank/v1/losses", include_in_schema=False)
    def register_loss(body: LossBody) -> SerialReply:
        return desk.register_loss(body)

    @api.post("/bank/v1/releases", include_in_schema=False)
    def release_loss(body: ReleaseBody) -> SerialReply:
        return desk.release_loss(body)

    @api.post("/bank/v1/openings", include_in_schema=False)
    def open_account(body: OpeningBody) -> SerialReply:
        return openings.open_account(body)

    @api.post("/bank/v1/returns", include_in_schema=False)
    def take_return(body: ReturnBody) -> SerialReply:
        return openings.take_return(body)

    @api.get("/bank/v1/serials/{serial}", include_in_schema=False)
    def serial_status(serial: str) -> SerialReply:
        answer = desk.status(serial)
        if answer is None:
            raise HTTPException(404, "BANK-SERIAL-UNKNOWN")
        return answer

    @api.get("/training/bank/ledger", include_in_schema=False)
    def ledger() -> list[BankLedgerRow]:
        return list(desk.ledger())

    @api.get("/training/bank/accounts/{account}", include_in_schema=False)
    def account_state(account: str) -> AccountBody:
        return desk.account(account)

    @api.post("/training/bank/accounts/{account}", include_in_schema=False)
    def move(account: str, body: AccountBody) -> AccountBody:
        desk.move(account, body.lost)
        return desk.account(account)
