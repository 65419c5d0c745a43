"""A reader's role comes from a table of names; a PSAM belongs to the box that its reader's name begins like."""

from __future__ import annotations

import pytest

from app.catalogue import readers
from hardware.readers.reader_roles import ReaderRole, RolePattern, beside, is_wanted, role_of


@pytest.mark.parametrize(
    ("reader", "role"),
    [
        ("Virtual PCD 00 00", ReaderRole.CONTACT),
        ("Identive SCR3310 00 00", ReaderRole.CONTACT),
        ("ACS ACR1281 1S Dual Reader [ACR1281 ICC] 00 00", ReaderRole.CONTACT),
        ("ACS ACR1281 1S Dual Reader [ACR1281 PICC] 00 01", ReaderRole.CONTACTLESS),
        ("ACS ACR1281 1S Dual Reader [ACR1281 SAM] 00 02", ReaderRole.SAM),
        ("OMNIKEY CardMan 5x21-CL Contactless 0", ReaderRole.CONTACTLESS),
        ("Feitian R502 [R502 SAM1 Reader] 00 02", ReaderRole.SAM),
        ("DECARD T10 PSAM", ReaderRole.SAM),
        ("Samsung Smart Card Reader 00 00", ReaderRole.CONTACT),
        ("Windows Hello for Business 1", ReaderRole.IGNORED),
        ("Yubico YubiKey OTP+FIDO+CCID 0", ReaderRole.IGNORED),
    ],
)
def test_the_shipped_table_knows_the_usual_names(reader: str, role: ReaderRole) -> None:
    assert role_of(reader, readers.load()) is role


def test_the_first_pattern_that_fits_decides() -> None:
    rows = (RolePattern("*slot 1*", ReaderRole.SAM), RolePattern("*slot*", ReaderRole.IGNORED))
    assert [role_of(f"Box Slot {n}", rows) for n in (1, 2)] == [ReaderRole.SAM, ReaderRole.IGNORED]
    assert role_of("Box", rows) is ReaderRole.CONTACT


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [("", True), ("SCR3310", True), ("scr3310", False), ("*scr33?0*", True), ("scr33?0", False), ("[!x]*00 00", True)],
)
def test_a_reader_is_named_by_words_of_it_or_by_a_pattern(wanted: str, fits: bool) -> None:
    assert is_wanted("Identive SCR3310 00 00", wanted) is fits


def test_a_psam_is_the_one_of_the_same_box() -> None:
    sams = ("A Box SAM 0", "B Box SAM 0")
    assert beside("B Box ICC 0", sams) == "B Box SAM 0"
    assert beside("A Box ICC 0", sams) == "A Box SAM 0"
    assert beside("A Box SAM 0 and more", sams[:1]) == "A Box SAM 0"
    assert beside("A Box ICC 0", ()) is None
