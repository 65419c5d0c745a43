"""Fictional holders of the four kinds of resident ID card."""

from __future__ import annotations

from collections.abc import Mapping

from hardware.resident_id.text_block import IdField, IdKind

PEOPLE: Mapping[IdKind, Mapping[IdField, str]] = {
    IdKind.CITIZEN: {
        IdField.NAME: "测试员甲",
        IdField.SEX: "2",
        IdField.NATION: "01",
        IdField.BIRTH_DATE: "19900307",
        IdField.ADDRESS: "测试省测试市训练区虚构路1号",
        IdField.NUMBER: "110101199003070011",
        IdField.AUTHORITY: "测试市公安局",
        IdField.VALID_FROM: "20150101",
        IdField.VALID_TO: "20350101",
    },
    IdKind.HK_MACAU_TAIWAN: {
        IdField.NAME: "测试员乙",
        IdField.SEX: "1",
        IdField.BIRTH_DATE: "19840615",
        IdField.ADDRESS: "测试市训练区虚构路2号",
        IdField.NUMBER: "810000198406150015",
        IdField.AUTHORITY: "测试市公安局",
        IdField.VALID_FROM: "20200229",
        IdField.VALID_TO: "20250228",
        IdField.PASS_NUMBER: "H00000000",
        IdField.ISSUE_COUNT: "01",
    },
    IdKind.FOREIGNER_2017: {
        IdField.ENGLISH_NAME: "TESTER, FICTIONAL PERSON",
        IdField.SEX: "1",
        IdField.NUMBER: "XXX110084061501",
        IdField.NATIONALITY: "UTO",
        IdField.NAME: "测试员丙",
        IdField.VALID_FROM: "20180101",
        IdField.VALID_TO: "20280101",
        IdField.BIRTH_DATE: "19840615",
        IdField.VERSION: "01",
        IdField.AUTHORITY: "1500",
    },
    IdKind.FOREIGNER_2023: {
        IdField.NAME: "测试员丁",
        IdField.SEX: "2",
        IdField.ISSUE_COUNT: "02",
        IdField.BIRTH_DATE: "19920131",
        IdField.ENGLISH_NAME: "A FICTIONAL TESTER OF EXACTLY THIRTY FIVE AND MORE",
        IdField.NUMBER: "911124199201310026",
        IdField.VALID_FROM: "20240101",
        IdField.VALID_TO: "20340101",
        IdField.NATIONALITY: "UTO",
        IdField.RELATED: "001",
    },
}
