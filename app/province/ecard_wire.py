"""Replies of the reference wire /v1 about e-cards, as typed values."""

from __future__ import annotations

from app.domain.ecard import EcardAuthorisation, EcardUse
from app.province.ecard_port import EcardState, LoginAnswer, LoginCode, LoginState, VerifiedEcard
from app.province.json_fields import Fields, IllTyped

_NUMBER_BYTES = 16
_CODE_LENGTHS = range(8, 513)


def read_verified(reply: Fields) -> VerifiedEcard:
    """Read whose code it was; one that may be used only by authorisation, and comes without, is nonsense."""
    use, given = _use(reply), reply.values.get("authorisation")
    if use is EcardUse.OWN_AUTHORISATION and given is None:
        raise IllTyped("authorisation")
    return VerifiedEcard(
        result_id=reply.filled_text("result_id"),
        ecard_number=reply.hexes("ecard_number", _NUMBER_BYTES),
        use=use,
        name=reply.filled_text("name"),
        citizen_number=reply.filled_text("citizen_number"),
        card_id=reply.optional_text("card_id"),
        authorisation=None if given is None else read_authorisation(Fields.of(given)),
        at=reply.moment("at"),
    )


def read_state(reply: Fields, ecard_number: str) -> EcardState:
    """Read a state; another e-card's is nonsense."""
    if reply.hexes("ecard_number", _NUMBER_BYTES) != ecard_number:
        raise IllTyped("ecard_number")
    return EcardState(_use(reply), reply.moment("as_of"))


def read_authorisation(reply: Fields) -> EcardAuthorisation:
    """Read an authorisation; one that ends before it was given is nonsense."""
    given_at, valid_until = reply.moment("given_at"), reply.moment("valid_until")
    if valid_until <= given_at:
        raise IllTyped("valid_until")
    return EcardAuthorisation(
        reply.filled_text("number"), reply.texts("items"), reply.filled_text("purpose"), given_at, valid_until
    )


def read_login_code(reply: Fields) -> LoginCode:
    """Read a one-time code: 8 to 512 characters."""
    code = reply.text("code")
    if len(code) not in _CODE_LENGTHS or not code.isprintable():
        raise IllTyped("code")
    return LoginCode(reply.filled_text("login_id"), code, reply.moment("valid_until"))


def read_login(reply: Fields) -> LoginAnswer:
    """Read where a login stands; confirmed without an authorised e-card, or an e-card unconfirmed, is nonsense."""
    said, found = reply.filled_text("state"), reply.values.get("ecard")
    state = LoginState(said) if said in tuple(LoginState) else LoginState.UNKNOWN
    ecard = None if found is None else read_verified(Fields.of(found))
    if (state is LoginState.CONFIRMED) != (ecard is not None and ecard.authorisation is not None):
        raise IllTyped("ecard")
    return LoginAnswer(state, ecard)


def _use(reply: Fields) -> EcardUse:
    said = reply.filled_text("use")
    return EcardUse(said) if said in tuple(EcardUse) else EcardUse.UNKNOWN
