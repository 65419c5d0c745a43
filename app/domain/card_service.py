"""Every card service of a window, by the name that the reference wire gives it (business.md 1.3)."""

from __future__ import annotations

from enum import StrEnum


class CardService(StrEnum):
    """One service; those that change what the province has on file are uploaded as operations of this kind."""

    FIRST_ISSUE = "first_issue"
    """申领."""
    REPLACE_LOST = "replace_lost"
    """补领."""
    REPLACE = "replace"
    """换领."""
    SAME_NUMBER = "same_number"
    """同号换卡: the bank account's number is kept."""
    BANK_CHANGE = "bank_change"
    """换行."""
    UNDO = "undo"
    """撤销申请."""
    COLLECT = "collect"
    """领卡登记."""
    ENABLE = "enable"
    """启用 of the social function."""
    BANK_ACTIVATION = "bank_activation"
    """金融账户激活: the bank does it, here it is recorded."""
    TEMPORARY_LOSS = "temporary_loss"
    FORMAL_LOSS = "formal_loss"
    RELEASE_LOSS = "release_loss"
    PIN_CHANGE = "pin_change"
    PIN_RESET = "pin_reset"
    INFO_CHANGE = "info_change"
    CANCEL = "cancel"
    """注销."""
    PLACE_MOVE = "place_move"
    """参保地转移."""
    PHOTO = "photo"
    """照片采集."""
    PROGRESS = "progress"
    """进度查询."""
    INTAKE = "intake"
    """受理登记."""
