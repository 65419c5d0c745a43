from __future__ import annotations

import pytest

from hardware.crypto.card_cipher import CardAlgorithm, auth_data, card_key, diversify, session_key

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
