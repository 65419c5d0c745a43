"""Receipts of an invented holder."""

from __future__ import annotations

import pytest

from app.services.receipt_content import ReceiptContent


@pytest.fixture
def content() -> ReceiptContent:
    return ReceiptContent(
        title="社会保障卡临时挂失回执",
        acceptance_no="350102-20261122-00317",
        hall="鼓楼区政务服务中心",
        window="3",
        clerk="0317",
        time="2026-11-22 10:43:58",
        holder="陈桂芳",
        citizen_number="350102********1629",
        service="临时挂失",
        result="省平台已受理，临时挂失即时生效。",
        rows=(
            ("办理方式", "本人"),
            ("材料", "居民身份证（芯片核验）；原社会保障卡（未出示）"),
            ("卡号", "A1*****74"),
            ("银行账号", "工商银行 **3361，未变动"),
            ("承诺时限", "当场办结"),
            ("费用", "0 元"),
        ),
        notices=("卡已找到请持卡和身份证件办理解挂；需补卡请办理正式挂失。", "临时挂失不影响养老金发放和就医备案。"),
        bank_line="95588",
    )
