"""Keys of the line in the data folder: as they were kept, for nobody without the journal's key."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.line import LineSecrets, Signing
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.line_keys import CERTIFICATE_FILE, KEYS_FILE, LineKeys

SECRETS = LineSecrets(
    device="窗口-03",
    key_id="0f" * 16,
    signing=Signing.SM2,
    private_key=b"\x11" * 32,
    public_key=b"\x22" * 64,
    shared_key=b"\x33" * 32,
    province_key=b"\x44" * 64,
    sealing_key=b"\x55" * 64,
    renew_at=datetime(2026, 12, 1, tzinfo=UTC),
    expires_at=datetime(2027, 1, 1, tzinfo=UTC),
)


@pytest.fixture
def keys(tmp_path: Path) -> LineKeys:
    FolderKeyStore(tmp_path, no_ring).create()
    return LineKeys(tmp_path, FolderKeyStore(tmp_path, no_ring))


def test_what_was_kept_is_found_again(keys: LineKeys) -> None:
    assert keys.load() is None
    keys.keep(SECRETS, "PEM")
    assert keys.load() == SECRETS
    assert keys.certificate_file.read_text() == "PEM"
    keys.keep(replace(SECRETS, signing=Signing.HMAC_SM3), "PEM 2")
    found = keys.load()
    assert found is not None
    assert found.signing is Signing.HMAC_SM3


def test_nothing_secret_stands_in_the_folder_or_is_shown(keys: LineKeys, tmp_path: Path) -> None:
    keys.keep(SECRETS, "PEM")
    for name in (KEYS_FILE, CERTIFICATE_FILE):
        content = (tmp_path / name).read_bytes()
        for secret in (SECRETS.private_key, SECRETS.shared_key):
            assert secret not in content
            assert secret.hex().encode() not in content
        if os.name == "posix":
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert "1111" not in repr(SECRETS)
    assert repr(SECRETS.private_key) not in repr(SECRETS)
    assert repr(SECRETS.shared_key) not in repr(SECRETS)


def test_another_journals_key_opens_nothing(keys: LineKeys, tmp_path: Path) -> None:
    keys.keep(SECRETS, "PEM")
    phrase = keys.phrase()
    (tmp_path / "journal.key").unlink()
    FolderKeyStore(tmp_path, no_ring).create()
    assert keys.load() is None
    assert keys.phrase() != phrase


def test_a_changed_byte_opens_nothing(keys: LineKeys, tmp_path: Path) -> None:
    keys.keep(SECRETS, "PEM")
    file = tmp_path / KEYS_FILE
    content = bytearray(file.read_bytes())
    content[20] ^= 1
    file.write_bytes(content)
    assert keys.load() is None


def test_what_is_forgotten_is_gone(keys: LineKeys, tmp_path: Path) -> None:
    keys.keep(SECRETS, "PEM")
    keys.forget()
    keys.forget()
    assert keys.load() is None
    assert sorted(file.name for file in tmp_path.iterdir()) == ["journal.key"]
