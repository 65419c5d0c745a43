from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.readers.sscard.wire import (
    CallRequest,
    Convention,
    HostFault,
    HostFaultKind,
    Loaded,
    LoadRequest,
    NotOfTheWire,
    Out,
    Returned,
    answer_line,
    call_request,
    load_request,
    parse_answer,
    parse_request,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


def test_a_load_is_read_as_it_was_written():
    line = load_request("sscard", "C:\\读卡器\\SSCardDriver.dll", Convention.CDECL)
    assert parse_request(line) == LoadRequest("sscard", "C:\\读卡器\\SSCardDriver.dll", Convention.CDECL)


def test_the_words_of_a_call():
    line = call_request("sscard", "iReadCard", (1, -2, "张三|", "𠮷", b"\x00\xff", Out.TEXT, Out.COUNTED))
    assert (
        line
        == (
            '{"call": "iReadCard", "library": "sscard", "arguments": ["int 1", "int -2", "text 张三|", "hex 9534b235", '
            '"hex 00ff", "out", "counted"]}\n'
        ).encode()
    )
    arguments = (1, -2, "张三|", "𠮷".encode("gb18030"), b"\x00\xff", Out.TEXT, Out.COUNTED)
    assert parse_request(line) == CallRequest("sscard", "iReadCard", arguments)


@given(st.lists(st.one_of(TEXT, st.binary(max_size=20)), max_size=4), st.integers(-(1 << 31), (1 << 31) - 1))
def test_an_answer_is_read_as_it_was_written(out, number):
    assert parse_answer(answer_line(Returned(number, tuple(out)))) == Returned(number, tuple(out))


@pytest.mark.parametrize("answer", [Loaded("sscard"), HostFault(HostFaultKind.OVERRUN, "iReadCardBas")])
def test_other_answers(answer):
    assert parse_answer(answer_line(answer)) == answer


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"\xff", b"null", b"[]", b"{}", b'{"returned": "0", "out": []}', b'{"returned": 0}', b"[" * 100_000),
        *(b'{"returned": 0, "out": [0]}', b'{"returned": 0, "out": ["hex 0"]}', b'{"returned": 0, "out": ["out"]}'),
        *(b'{"returned": 2147483648, "out": []}', b'{"fault": "other", "detail": ""}', b'{"loaded": 1}'),
    ],
)
def test_a_line_that_is_no_answer(line):
    with pytest.raises(NotOfTheWire):
        parse_answer(line)


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"load": "a", "path": "b", "convention": "fastcall"}',
        b'{"call": "f", "library": "l", "arguments": ["int x"]}',
        b'{"call": "f", "library": "l", "arguments": ["hex x"]}',
        b'{"call": "f", "library": "l", "arguments": ["other"]}',
        b'{"call": "f", "library": "l", "arguments": [1]}',
        b'{"call": "f", "library": "l"}',
    ],
)
def test_a_line_that_is_no_request(line):
    with pytest.raises(NotOfTheWire):
        parse_request(line)


def test_what_a_driver_said_is_not_in_a_repr():
    assert "张三" not in repr(Returned(0, ("张三|",)))
