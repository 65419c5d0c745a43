"""`termb.dll` in a host of libraries: fields one by one, and files on the disk that are deleted (card.md 6.3)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hardware.readers.box import BoxFaultKind, BoxLost
from hardware.readers.sscard.card_driver import Calls
from hardware.readers.sscard.driver_host import NoFunction
from hardware.readers.sscard.wire import ENCODING, Argument, Out
from hardware.resident_id.session import IdFault, IdFaultKind, IdReading
from hardware.resident_id.text_block import IdField, IdKind, resident_id

LIBRARY = "termb"
CALL_S = 10.0
FIRST_USB_PORT = 1001
LEFT_BEHIND = ("wz.txt", "zp.bmp")
"""Text and photo, which the library writes into its working folder."""

_GOOD = 1
_TEXT_AND_PHOTO = 4
_PHOTO = "zp.bmp"
_FIELDS: Mapping[str, IdField] = {
    "GetPeopleName": IdField.NAME,
    "GetPeopleSex": IdField.SEX,
    "GetPeopleNation": IdField.NATION,
    "GetPeopleBirthday": IdField.BIRTH_DATE,
    "GetPeopleAddress": IdField.ADDRESS,
    "GetPeopleIDCode": IdField.NUMBER,
    "GetDepartment": IdField.AUTHORITY,
    "GetStartDate": IdField.VALID_FROM,
    "GetEndDate": IdField.VALID_TO,
}


class Termb:
    """A reader behind termb; used in the work that a box is given. `folder` is the host's working folder.

    It tells citizens' cards only, and sex and nation as the library words them, be it a code or a name.
    """

    def __init__(self, host: Calls, folder: Path, port: int = FIRST_USB_PORT, library: str = LIBRARY) -> None:
        self._host = host
        self._folder = folder
        self._port = port
        self._library = library
        # A program that died in a read could not delete them itself.
        delete_left_behind(folder)

    def read(self) -> IdReading | IdFault:
        """Read the card that lies on the reader; nothing of it stays on the disk. Raises BoxLost."""
        try:
            outcome = self._read()
        finally:
            left = delete_left_behind(self._folder)
        return IdFault(IdFaultKind.LEFT_ON_DISK, detail=", ".join(left)) if left else outcome

    def _read(self) -> IdReading | IdFault:
        steps: tuple[tuple[str, tuple[Argument, ...], IdFaultKind], ...] = (
            ("CVR_InitComm", (self._port,), IdFaultKind.LINE),
            ("CVR_Authenticate", (), IdFaultKind.NO_CARD),
            ("CVR_Read_Content", (_TEXT_AND_PHOTO,), IdFaultKind.NOT_READ),
        )
        for function, given, fault in steps:
            number, _ = self._call(function, given)
            if number != _GOOD:
                self._call("CVR_CloseComm", ())
                return IdFault(fault, number, function)
        texts, undecodable = self._fields()
        self._call("CVR_CloseComm", ())
        photo = self._folder / _PHOTO
        picture = photo.read_bytes() if photo.exists() else None
        return IdReading(resident_id(IdKind.CITIZEN, texts, undecodable), picture)

    def _fields(self) -> tuple[dict[IdField, str], list[str]]:
        texts: dict[IdField, str] = {}
        undecodable: list[str] = []
        for function, name in _FIELDS.items():
            _, (raw,) = self._call(function, (Out.COUNTED,))
            try:
                texts[name] = raw.split(b"\x00")[0].decode(ENCODING).strip()
            except UnicodeDecodeError:
                undecodable.append(name)
        return texts, undecodable

    def _call(self, function: str, given: tuple[Argument, ...]) -> tuple[int, tuple[bytes, ...]]:
        answer = self._host.call(self._library, function, given, CALL_S)
        if isinstance(answer, NoFunction):
            raise BoxLost(BoxFaultKind.NO_LIBRARY, function)
        return answer.number, tuple(each for each in answer.out if isinstance(each, bytes))


def delete_left_behind(folder: Path) -> tuple[str, ...]:
    """Delete what a read wrote, also after one that was killed; return what could not be deleted."""
    left = []
    for name in LEFT_BEHIND:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError:
            left.append(name)
    return tuple(left)
