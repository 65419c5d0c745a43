"""A back-up in one file: a consistent copy of the encrypted file behind a header, with the key sealed for the province.

`YKTBACK1 ‖ length (4) ‖ header (JSON) ‖ the file's pages`, which stay encrypted under the journal's key.
"""

from __future__ import annotations

import hmac
import json
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.hashes import SM3, Hash
from sqlalchemy import Connection
from sqlcipher3 import dbapi2

from app.domain.clock import Clock
from app.domain.operation import canonical_json
from app.domain.refusal import Refusal
from app.journal import database
from app.journal.book import fact, open_book
from app.journal.database import Access, telling_full, telling_trouble
from app.journal.digest import derive_keys
from app.journal.migrations import SCHEMA
from app.journal.restore import Restored, fresh_file, renew
from app.journal.second_place import keep_names
from app.journal.trouble import JournalRefused

MAGIC = b"YKTBACK1"
_LENGTH = struct.Struct(">I")
_LONGEST_HEADER = 1 << 16
_PORTION = 1 << 20
_CHECK = b"yikatong/backup-check/1"


@dataclass(frozen=True)
class BackupHeader:
    """What a back-up says of itself; digests and `escrow` are hex."""

    device: str
    machine_id: str
    incarnation: str
    schema_ver: int
    made_at: str
    key_name: str
    """The journal key's name in the keyring of its machine; empty where it is in a file."""
    key_check: str
    """HMAC-SM3 of a constant under the journal's key: tells the right key."""
    escrow: str
    """The journal's key, sealed for the province; empty where the device was not enrolled yet."""
    sm3: str = ""
    """Of the pages."""


def make_backup(
    access: Access,
    out: Path,
    device: str,
    key_name: str,
    escrow: Callable[[Connection], str],
    clock: Clock,
    audited: Callable[[BackupHeader], Refusal | None],
) -> BackupHeader | Refusal:
    """Write a back-up, also while a counter works; what was there under this name stays.

    It gets its name only once it is whole and `audited` has written it down.
    Refusals: BACKUP-EXISTS, BACKUP-FAILED, DISK-FULL, those of `audited`, and what opening the journal refuses.
    """
    if out.exists():
        return Refusal.of("BACKUP-EXISTS", file=out)
    pages, fresh = (out.with_name(f"{out.name}.{ending}") for ending in ("pages", "new"))
    try:
        with telling_trouble(), telling_full(out.parent), closing(database.connect(access)) as connection:
            header = _header(connection, access.key, device, key_name, escrow, clock)
            _copy_pages(connection, pages, access.key)
        with pages.open("rb") as source:
            header = replace(header, sm3=_sm3_of(_portions(source)))
            source.seek(0)
            _write(fresh, header, source)
        refused = audited(header)
        if refused is not None:
            return refused
        fresh.replace(out)
        keep_names(out.parent)
    except JournalRefused as refused:
        return refused.refusal
    except OSError:
        return Refusal("BACKUP-FAILED")
    finally:
        for left in (pages, fresh):
            left.unlink(missing_ok=True)
    return header


def read_backup(file: Path) -> BackupHeader | None:
    """Return a back-up's header; None for what is none. Raises OSError."""
    with file.open("rb") as stream:
        return _read_header(stream)


def opens(header: BackupHeader, key: bytes) -> bool:
    """Tell whether this is the journal's key."""
    return hmac.compare_digest(_key_check(key), header.key_check)


def restore_backup(file: Path, key: bytes, folder: Path, clock: Clock) -> Restored | Refusal:
    """Make the journal of a folder from a back-up.

    Refusals: RESTORE-COPY-NONE, JOURNAL-KEY-WRONG, JOURNAL-TOO-NEW, JOURNAL-DAMAGED, DISK-FULL. Raises OSError.
    """
    with file.open("rb") as stream:
        header = _read_header(stream)
        if header is None:
            return Refusal("RESTORE-COPY-NONE")
        if not opens(header, key):
            return Refusal("JOURNAL-KEY-WRONG")
        if header.schema_ver > SCHEMA:
            return Refusal.of("JOURNAL-TOO-NEW", schema=header.schema_ver, program=SCHEMA)
        digest = Hash(SM3())
        with fresh_file(folder).open("r+b") as target:
            for portion in _portions(stream):
                digest.update(portion)
                target.write(portion)
            target.flush()
            os.fsync(target.fileno())
    if digest.finalize().hex() != header.sm3:
        return Refusal("JOURNAL-DAMAGED")
    return renew(folder, key, clock)


def _header(
    connection: Connection, key: bytes, device: str, key_name: str, escrow: Callable[[Connection], str], clock: Clock
) -> BackupHeader:
    with connection.begin():
        book = open_book(connection, clock, derive_keys(key))
        names = {name: fact(book, name) or "" for name in ("machine_id", "incarnation")}
        made_at = clock.now().isoformat(timespec="seconds")
        return BackupHeader(
            device,
            **names,
            schema_ver=SCHEMA,
            made_at=made_at,
            key_name=key_name,
            key_check=_key_check(key),
            escrow=escrow(connection),
        )


def _copy_pages(connection: Connection, pages: Path, key: bytes) -> None:
    pages.unlink(missing_ok=True)
    with closing(dbapi2.connect(str(pages), isolation_level=None)) as target:
        target.execute("PRAGMA cipher_log_level = NONE")
        target.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        source = connection.connection.driver_connection
        assert source is not None
        source.backup(target)


def _write(file: Path, header: BackupHeader, pages: BinaryIO) -> None:
    written = canonical_json(vars(header)).encode()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(MAGIC + _LENGTH.pack(len(written)) + written)
        for portion in _portions(pages):
            stream.write(portion)
        stream.flush()
        os.fsync(stream.fileno())


def _read_header(stream: BinaryIO) -> BackupHeader | None:
    start = stream.read(len(MAGIC) + _LENGTH.size)
    if len(start) != len(MAGIC) + _LENGTH.size or not start.startswith(MAGIC):
        return None
    (length,) = _LENGTH.unpack_from(start, len(MAGIC))
    if length > _LONGEST_HEADER:
        return None
    try:
        return BackupHeader(**json.loads(stream.read(length)))
    except (ValueError, TypeError):
        return None


def _portions(stream: BinaryIO) -> Iterator[bytes]:
    while portion := stream.read(_PORTION):
        yield portion


def _sm3_of(portions: Iterator[bytes]) -> str:
    digest = Hash(SM3())
    for portion in portions:
        digest.update(portion)
    return digest.finalize().hex()


def _key_check(key: bytes) -> str:
    return hmac.digest(key, _CHECK, "sm3").hex()
