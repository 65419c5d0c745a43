"""What a national reader driver answers for a training card: the data of the tests' driver, which is no reader itself.

The keys are functions of the interface and the test driver's own settings; texts are as card.md 4.3 has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hardware.card.atr import historical_bytes
from hardware.readers.sscard.card_driver import HsmQuestion
from hardware.readers.sscard.functions import READ_BASE, READ_BASE_HSM
from hardware.readers.sscard.hsm_question import AuthenticatorSteps
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.hsm import VirtualHsm
from hardware.virtual.profiles import Holder, ProfileError, load_profile

NO_CARD: Mapping[str, str] = MappingProxyType({"mode": "code", "number": "-2", "text": "无卡"})
_NO_PSAM: Mapping[str, str] = MappingProxyType(
    {"mode": "code", "only": READ_BASE.name, "number": "-2201", "text": "无PSAM卡"}
)
_THIRD = "3"
_RANDOMS = ("1122334455667788", "A1B2C3D4E5F60718", "8877665544332211", "0102030405060708")
"""过程 and 原始 of the internal part, then of the external one; fixed, for the driver knows one key."""


def driver_answers(profile: str) -> Mapping[str, str]:
    """Return the answers for a card in a box without PSAM, which the training province's HSM opens.

    Raises ProfileError for a card without a holder.
    """
    loaded = load_profile(profile)
    holder = loaded.holder
    if holder is None:
        raise ProfileError(profile)
    third = holder.version.startswith(_THIRD)
    history = historical_bytes(VirtualCard(loaded).atr).hex().upper()
    randoms = _RANDOMS if third else (*_RANDOMS[:2], "", "")
    question = "".join(f"{part}|" for part in (holder.region, history, holder.algorithm, holder.card_id, *randoms))
    key = AuthenticatorSteps(VirtualHsm()).key(HsmQuestion(READ_BASE_HSM.name, 1, question))
    assert key is not None, "the training HSM answers its own cards"
    first, second = (step.name for step in READ_BASE_HSM.steps)
    closed = {"mode": "well", READ_BASE.name: _base(holder, history, opened=False)}
    return {
        **(closed if third else _NO_PSAM),
        first: question,
        second: _base(holder, history, opened=True),
        "key": key,
        "wrong_key": "加密机结果不符",
    }


def driver_file(answers: Mapping[str, str]) -> bytes:
    """Return driver.ini: a line a setting, GB 18030."""
    return "".join(f"{key}={value}\n" for key, value in answers.items()).encode("gb18030")


def _base(holder: Holder, history: str, *, opened: bool) -> str:
    number, card_number, name = (holder.citizen_number, holder.card_number, holder.name) if opened else ("", "", "")
    days = (f"{day:%Y%m%d}" for day in (holder.issued, holder.expires))
    fields = (holder.region, number, card_number, holder.card_id, name, history, holder.version, *days, "0" * 12, "")
    return "".join(f"{field}|" for field in fields)
