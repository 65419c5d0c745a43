"""The journal's key: made once, found again, never replaced."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import keyring
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest

from app.domain.refusal import Refusal
from app.journal.keys import (
    FolderKeyStore,
    KeyStoreAway,
    SystemRing,
    machine_key_store,
    no_ring,
    system_ring,
)
from app.journal.windows_protection import MachineProtection, machine_protection


class DictRing:
    """A keyring in memory that can be locked or forgetful."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.locked = False
        self.forgetful = False

    def get(self, name: str) -> str | None:
        if self.locked:
            raise KeyStoreAway(Refusal("JOURNAL-KEYRING-AWAY"))
        return self.secrets.get(name)

    def put(self, name: str, secret: str) -> None:
        if self.locked:
            raise KeyStoreAway(Refusal("JOURNAL-KEYRING-AWAY"))
        if not self.forgetful:
            self.secrets[name] = secret

    def remove(self, name: str) -> None:
        if self.locked:
            raise KeyStoreAway(Refusal("JOURNAL-KEYRING-AWAY"))
        self.secrets.pop(name, None)


class TurnedBytes:
    """Stands in for Windows' protection, which only Windows has."""

    def protect(self, clear: bytes) -> bytes:
        return b"sealed:" + clear[::-1]

    def unprotect(self, sealed: bytes) -> bytes:
        return sealed.removeprefix(b"sealed:")[::-1]


def test_under_the_machines_protection_a_key_is_found_by_any_account_and_is_not_in_the_file(tmp_path: Path) -> None:
    store = FolderKeyStore(tmp_path, DictRing, TurnedBytes())
    assert store.strength == "machine"
    key = store.create()
    assert store.load() == key
    assert FolderKeyStore(tmp_path, no_ring, TurnedBytes()).load() == key
    assert key not in (tmp_path / "journal.dpapi").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["journal.dpapi"]
    with pytest.raises(KeyStoreAway):
        FolderKeyStore(tmp_path, no_ring).load()
    store.destroy()
    assert (store.load(), list(tmp_path.iterdir())) == (None, [])


@pytest.mark.skipif(os.name == "nt", reason="Windows has it")
def test_elsewhere_than_on_windows_there_is_no_machine_protection() -> None:
    assert machine_protection() is None
    with pytest.raises(OSError, match="CryptProtectData"):
        MachineProtection().protect(b"key")


@pytest.mark.skipif(os.name != "nt", reason="DPAPI is Windows'")
def test_windows_protects_for_the_machine() -> None:
    sealed = MachineProtection().protect(b"key")
    assert b"key" not in sealed
    assert MachineProtection().unprotect(sealed) == b"key"


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_in_a_groups_folder_the_key_is_in_a_file_that_the_group_may_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    store = FolderKeyStore(tmp_path, DictRing)
    assert store.strength == "group"
    key = store.create()
    assert stat.S_IMODE((tmp_path / "journal.key").stat().st_mode) == 0o640
    (tmp_path / "journal.key").chmod(0o666)
    assert store.load() == key
    assert stat.S_IMODE((tmp_path / "journal.key").stat().st_mode) == 0o640
    assert store.strength == "group"


@pytest.mark.parametrize("kind", ["file", "keyring"])
def test_a_destroyed_key_is_nowhere(tmp_path: Path, kind: str) -> None:
    ring = DictRing()
    store = FolderKeyStore(tmp_path, no_ring if kind == "file" else lambda: ring)
    key = store.create()
    assert store.strength == kind
    held = (tmp_path / "journal.key").open("rb") if kind == "file" else None
    store.destroy()
    assert store.load() is None
    assert list(tmp_path.iterdir()) == []
    assert not ring.secrets
    if held is not None:
        with held:
            assert held.read() == bytes(2 * len(key))
    store.destroy()


def test_a_key_in_a_locked_ring_is_not_destroyed_and_its_name_stays(tmp_path: Path) -> None:
    ring = DictRing()
    store = FolderKeyStore(tmp_path, lambda: ring)
    key = store.create()
    ring.locked = True
    with pytest.raises(KeyStoreAway):
        store.destroy()
    ring.locked = False
    assert store.load() == key


def test_what_moves_into_the_file_leaves_the_ring(tmp_path: Path) -> None:
    ring = DictRing()
    store = FolderKeyStore(tmp_path, lambda: ring)
    key = store.create()
    store.leave_ring()
    assert store.load() == key
    store.keep_in_file(key)
    store.leave_ring()
    assert (store.load(), ring.secrets) == (key, {})
    assert [path.name for path in tmp_path.iterdir()] == ["journal.key"]


def test_file_key_is_private_and_found_again(tmp_path: Path) -> None:
    store = FolderKeyStore(tmp_path, no_ring)
    assert store.load() is None
    key = store.create()
    assert len(key) == 32
    assert store.load() == key
    assert store.strength == "file"
    assert stat.S_IMODE((tmp_path / "journal.key").stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_file_mode_that_was_loosened_is_tightened(tmp_path: Path) -> None:
    store = FolderKeyStore(tmp_path, no_ring)
    key = store.create()
    (tmp_path / "journal.key").chmod(0o644)
    assert store.load() == key
    assert stat.S_IMODE((tmp_path / "journal.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "zz" * 32, "00" * 31])
def test_file_that_holds_no_key_is_no_key(tmp_path: Path, text: str) -> None:
    (tmp_path / "journal.key").write_text(text)
    assert FolderKeyStore(tmp_path, no_ring).load() is None


def test_ring_keeps_the_key_and_the_folder_only_its_name(tmp_path: Path) -> None:
    ring = DictRing()
    store = FolderKeyStore(tmp_path, lambda: ring)
    assert store.strength == "keyring"
    key = store.create()
    assert store.load() == key
    assert store.strength == "keyring"
    assert not (tmp_path / "journal.key").exists()
    assert key.hex() not in (tmp_path / "journal.keyid").read_text()


def test_two_folders_have_two_keys_in_one_ring(tmp_path: Path) -> None:
    ring = DictRing()
    stores = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        stores.append(FolderKeyStore(tmp_path / name, lambda: ring))
    keys = [store.create() for store in stores]
    assert [store.load() for store in stores] == keys
    assert keys[0] != keys[1]


@pytest.mark.parametrize("fault", ["locked", "forgetful"])
def test_ring_that_keeps_nothing_falls_back_to_the_file(tmp_path: Path, fault: str) -> None:
    ring = DictRing()
    setattr(ring, fault, True)
    store = FolderKeyStore(tmp_path, lambda: ring)
    key = store.create()
    assert store.strength == "file"
    assert store.load() == key


def test_ring_that_is_locked_later_is_away_not_gone(tmp_path: Path) -> None:
    ring = DictRing()
    store = FolderKeyStore(tmp_path, lambda: ring)
    store.create()
    ring.locked = True
    with pytest.raises(KeyStoreAway) as away:
        store.load()
    assert away.value.refusal.code == "JOURNAL-KEYRING-AWAY"
    with pytest.raises(KeyStoreAway):
        FolderKeyStore(tmp_path, no_ring).load()


def test_ring_that_lost_the_key_says_none(tmp_path: Path) -> None:
    ring = DictRing()
    store = FolderKeyStore(tmp_path, lambda: ring)
    store.create()
    ring.secrets.clear()
    assert store.load() is None


class FakeBackend:
    """Stands in for a backend of the keyring package; its module decides whether it is trusted."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.error:
            raise self.error
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.error:
            raise self.error
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.error:
            raise self.error
        del self.kept[service, username]


@pytest.mark.parametrize(
    ("module", "trusted"),
    [
        ("keyring.backends.SecretService", True),
        ("keyring.backends.Windows", True),
        ("keyrings.alt.file", False),
        ("keyring.backends.fail", False),
        ("keyring.backends.null", False),
    ],
)
def test_only_named_backends_are_trusted(monkeypatch: pytest.MonkeyPatch, module: str, trusted: bool) -> None:
    backend = type("Keyring", (FakeBackend,), {"__module__": module})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    ring = system_ring()
    assert (ring is not None) is trusted
    if ring is not None:
        ring.put("journal-1", "secret")
        assert ring.get("journal-1") == "secret"


def test_chain_of_backends_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    good = type("Keyring", (FakeBackend,), {"__module__": "keyring.backends.kwallet"})()
    chain = type("Chainer", (), {"backends": [keyring.backends.fail.Keyring(), good]})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
    assert system_ring() is not None
    chain.backends = [keyring.backends.fail.Keyring()]
    assert system_ring() is None


def test_errors_of_the_ring_say_that_it_is_away() -> None:
    ring = SystemRing(FakeBackend(keyring.errors.KeyringLocked()), keyring.errors.KeyringError)
    with pytest.raises(KeyStoreAway):
        ring.get("journal-1")
    with pytest.raises(KeyStoreAway):
        ring.put("journal-1", "secret")


def test_environment_forces_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = type("Keyring", (FakeBackend,), {"__module__": "keyring.backends.SecretService"})()
    monkeypatch.setattr(keyring, "get_keyring", lambda: good)
    assert machine_key_store(tmp_path, {"YIKATONG_KEY_STORE": "file"}).strength == "file"
    assert machine_key_store(tmp_path, {}).strength == "keyring"


def test_a_keyring_that_waits_for_nobody_is_away_in_time() -> None:
    unlocked = threading.Event()

    class Waiting(FakeBackend):
        def get_password(self, service: str, username: str) -> str | None:
            unlocked.wait(5)
            return None

    ring = SystemRing(Waiting(), keyring.errors.KeyringError, wait_s=0.05)
    with pytest.raises(KeyStoreAway) as away:
        ring.get("name")
    unlocked.set()
    assert away.value.refusal.code == "JOURNAL-KEYRING-AWAY"
