from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.crypto.card_cipher import (
    USUAL_FACTORS,
    CardAlgorithm,
    FactorRule,
    auth_data,
    card_key,
    decrypted_data,
    diversify,
    encrypted_data,
    mac,
    session_key,
)

MASTER = bytes(range(16))
REGION = "639900"
HISTORY = bytes.fromhex("00814E43238697159900BF7C7A")
PROCESS = bytes.fromhex("1122334455667788")
ORIGINAL = bytes.fromhex("A1B2C3D4E5F60718")
DES, SM4 = CardAlgorithm.TRIPLE_DES, CardAlgorithm.SM4


@pytest.mark.parametrize(
    ("algorithm", "level_one", "level_two", "card"),
    [
        (
            DES,
            "37E8E45C49E289A24849909F2E4AEC86",
            "8DB5C53F6CBEB3B575C0BEE9236560D9",
            "17DB4336DA83BDE7F509E7F34192E2BE",
        ),
        (
            SM4,
            "6C114867983345DDA32C01B8B4330C5F",
            "9DA13ABABDFDE094B7BEDD5F431C4A22",
            "F34D877883F3A81E61B79B7873D20CF2",
        ),
    ],
)
def test_keys_come_down_from_the_master_level_by_level(algorithm, level_one, level_two, card):
    province = diversify(algorithm, MASTER, bytes.fromhex("3633303030307368"))
    city = diversify(algorithm, province, bytes.fromhex("3633393930307378"))
    assert province.hex().upper() == level_one
    assert city.hex().upper() == level_two
    assert diversify(algorithm, city, bytes.fromhex("8697159900BF7C7A")).hex().upper() == card
    assert card_key(algorithm, MASTER, REGION, HISTORY).hex().upper() == card


def test_3des_session_and_authentication():
    key = card_key(DES, MASTER, REGION, HISTORY)
    assert session_key(DES, key, PROCESS).hex().upper() == "9888E725390F98D5"
    assert auth_data(DES, key, PROCESS, ORIGINAL).hex().upper() == "18F83F376AAE6EAB"


def test_sm4_session_fills_a_block_and_authentication_folds_its_halves():
    key = card_key(SM4, MASTER, REGION, HISTORY)
    session = session_key(SM4, key, PROCESS)
    assert session == session_key(SM4, key, PROCESS + bytes(8))
    assert len(session) == 16
    assert auth_data(SM4, key, PROCESS, ORIGINAL).hex().upper() == "2CA46DE2E627AC13"


def test_sm4_is_the_standard_one():
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    assert session_key(SM4, key, key).hex().upper() == "681EDF34D206965E86B3E94F536E4246"


def test_factors_come_from_region_and_history():
    factors = USUAL_FACTORS.of(REGION, HISTORY)
    assert (factors.province.hex(), factors.city.hex()) == ("3633303030307368", "3633393930307378")
    assert factors.card.hex().upper() == "8697159900BF7C7A"


def test_a_region_may_have_factors_of_its_own():
    rule = FactorRule(city_tail=b"zz", history_from=4)
    assert rule.of(REGION, HISTORY).city == b"639900zz"
    assert rule.of(REGION, HISTORY).card.hex().upper() == "238697159900BF7C"
    assert card_key(DES, MASTER, REGION, HISTORY, rule) != card_key(DES, MASTER, REGION, HISTORY)


def test_the_mac_of_an_unblock():
    session = session_key(DES, card_key(DES, MASTER, REGION, HISTORY), PROCESS)
    assert mac(DES, session, bytes.fromhex("8424000004")).hex().upper() == "D4688EA4"


def test_a_reload_carries_the_pin_encrypted_and_its_mac():
    session = session_key(DES, card_key(DES, MASTER, REGION, HISTORY), PROCESS)
    sealed = encrypted_data(DES, session, bytes.fromhex("123456"))
    assert sealed.hex().upper() == "03AD76A346004FE5"
    assert mac(DES, session, bytes.fromhex("842400010C") + sealed).hex().upper() == "1A6DAC1E"


def test_the_mac_of_a_16_byte_cipher_folds_the_block_into_one_word():
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    message = bytes.fromhex("8424000004")
    block = session_key(SM4, key, message + b"\x80" + bytes(10))
    words = [int.from_bytes(block[at : at + 4]) for at in (0, 4, 8, 12)]
    assert int.from_bytes(mac(SM4, key, message)) == words[0] ^ words[1] ^ words[2] ^ words[3]


def test_an_aligned_message_gets_a_whole_block_more_under_the_mac_only():
    first = session_key(SM4, MASTER, bytes(16))
    second = session_key(SM4, MASTER, bytes([first[0] ^ 0x80]) + first[1:])
    words = [int.from_bytes(second[at : at + 4]) for at in (0, 4, 8, 12)]
    assert int.from_bytes(mac(SM4, MASTER, bytes(16))) == words[0] ^ words[1] ^ words[2] ^ words[3]
    session = session_key(DES, MASTER, PROCESS)
    assert len(encrypted_data(DES, session, bytes(7))) == 8
    assert len(encrypted_data(DES, session, bytes(8))) == 16
    assert len(encrypted_data(SM4, MASTER, bytes(15))) == 16


@pytest.mark.parametrize("algorithm", [DES, SM4])
@given(plain=st.binary(max_size=40))
def test_what_was_encrypted_comes_back(algorithm, plain):
    session = session_key(algorithm, MASTER, PROCESS)
    assert decrypted_data(algorithm, session, encrypted_data(algorithm, session, plain)) == plain


@pytest.mark.parametrize("sealed", ["", "00", "00" * 8, "FF" * 16])
def test_what_nobody_encrypted_is_none(sealed):
    assert decrypted_data(DES, session_key(DES, MASTER, PROCESS), bytes.fromhex(sealed)) is None
