"""SM2 against the standard's own example, and what is no signature."""

from __future__ import annotations

import pytest

from hardware.crypto import sm2

# GB/T 32918.5, the example of a signature on the recommended curve.
PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SIGNATURE = bytes.fromhex(
    "3046022100F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "022100B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
MESSAGE = b"message digest"


def test_the_standards_signature_is_good() -> None:
    assert sm2.verify(PUBLIC, MESSAGE, SIGNATURE)


def test_what_is_signed_is_verified_by_its_own_key_only() -> None:
    made = sm2.make_pair()
    assert (len(made.private), len(made.public)) == (32, 64)
    signature = sm2.sign(made, MESSAGE)
    assert sm2.verify(made.public, MESSAGE, signature)
    assert not sm2.verify(PUBLIC, MESSAGE, signature)
    assert not sm2.verify(made.public, MESSAGE + b".", signature)
    assert sm2.verify(PUBLIC, MESSAGE, sm2.sign(sm2.Sm2Pair(PRIVATE, PUBLIC), MESSAGE))


def test_every_byte_of_a_signature_counts() -> None:
    for place in range(len(SIGNATURE)):
        altered = bytearray(SIGNATURE)
        altered[place] ^= 1
        assert not sm2.verify(PUBLIC, MESSAGE, bytes(altered)), place


@pytest.mark.parametrize("signature", [b"", b"\x30", SIGNATURE[:-1], SIGNATURE + b"\x00", b"x" * 72])
def test_what_is_malformed_is_no_signature(signature: bytes) -> None:
    assert not sm2.verify(PUBLIC, MESSAGE, signature)


@pytest.mark.parametrize("public", [b"", PUBLIC[:-1], bytes(64), PUBLIC[:-1] + b"\x00"])
def test_what_is_no_point_of_the_curve_has_signed_nothing(public: bytes) -> None:
    assert not sm2.verify(public, MESSAGE, SIGNATURE)


def test_the_private_key_is_not_shown() -> None:
    assert PRIVATE.hex() not in repr(sm2.Sm2Pair(PRIVATE, PUBLIC)).lower()
    assert repr(PRIVATE) not in repr(sm2.Sm2Pair(PRIVATE, PUBLIC))
