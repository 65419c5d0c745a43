"""Situations of holders: every state of card, account, making, person and 持卡库, and codes nobody knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Situation:
    """What the province has on file for one holder, in national codes, and how often it is met."""

    weight: int
    social_code: str
    production_code: str
    bank_code: str
    person_code: str = "1"
    register_code: str = ""
    made: bool = True
    """Whether there is a card; without one the step of making tells the state."""
    replacement_open: bool = False
    earlier_card: bool = False
    """Whether a cancelled card of the same person is on file."""
    note: str | None = None
    id_type: str = "01"
    """AAC058."""
    minor: bool = False
    long_name: bool = False
    bank_trouble: str | None = None
    """Why the bank opens no account for this person (business.md 2.3)."""


SITUATIONS = (
    Situation(600, "1", "32", "1", register_code="1"),
    Situation(60, "1", "33", "0", register_code="1", note="银行账户尚未激活，待遇发放前请持卡人到银行激活。"),
    Situation(60, "1", "32", "1", register_code="1", earlier_card=True),
    Situation(20, "1", "32", "1", register_code="0", note="持卡库状态与卡管系统不一致，已报省中心核对。"),
    Situation(70, "0", "32", "0", register_code="0"),
    Situation(30, "2", "32", "1", register_code="2"),
    Situation(15, "2", "24", "1", register_code="2", replacement_open=True),
    Situation(20, "3", "32", "1", register_code="3"),
    Situation(50, "4", "32", "1", register_code="4"),
    Situation(10, "4", "11", "1", register_code="4", replacement_open=True),
    Situation(10, "6", "85", "0", register_code="6"),
    Situation(30, "9", "32", "", register_code="9"),
    Situation(20, "", "", "", made=False),
    Situation(15, "", "11", "", made=False),
    Situation(10, "", "21", "", made=False),
    Situation(8, "", "80", "", made=False, note="开户失败：证件有效期已过。"),
    Situation(8, "", "41", "0", made=False),
    Situation(10, "", "24", "0", made=False),
    Situation(5, "", "85", "0", made=False),
    Situation(15, "", "45", "0"),
    Situation(15, "1", "32", "1", person_code="2", register_code="1"),
    Situation(5, "9", "32", "", person_code="2", register_code="9"),
    Situation(5, "1", "32", "1", person_code="3", register_code="1"),
    Situation(5, "1", "32", "1", person_code="4", register_code="1"),
    Situation(5, "1", "32", "1", person_code="5", register_code="1"),
    Situation(3, "7", "32", "1", register_code="7"),
    Situation(3, "1", "77", "8", person_code="8", register_code="1"),
    Situation(60, "1", "32", "0", register_code="1", minor=True),
    Situation(10, "", "", "", made=False, minor=True, bank_trouble="BANK-UNDER-AGE"),
    Situation(8, "1", "32", "1", register_code="1", long_name=True),
    Situation(4, "1", "32", "1", register_code="1", id_type="07"),
    Situation(3, "", "11", "", made=False, id_type="08"),
    Situation(4, "1", "32", "1", register_code="1", id_type="04"),
    Situation(2, "1", "32", "1", register_code="1", id_type="05"),
    Situation(4, "1", "32", "1", register_code="1", id_type="06"),
    Situation(4, "", "", "", made=False, bank_trouble="BANK-PHONE-SHARED"),
    Situation(4, "", "11", "", made=False, bank_trouble="BANK-NAME-MISMATCH"),
    Situation(3, "", "21", "", made=False, bank_trouble="BANK-RISK-HELD"),
    Situation(6, "", "42", "0", made=False),
)
