"""The journal's raw key, in the first of these that the machine has:

Windows' machine protection; a file that the folder's group may read, where the folder is several accounts'; the
keyring of the one account whose folder it is; a file for that account alone.
"""

from __future__ import annotations

import os
import secrets
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from app.domain.refusal import Refusal
from app.journal.digest import KEY_BYTES
from app.journal.private_files import keep_name, shared_group
from app.journal.windows_protection import Protection, machine_protection

KEY_STORE_VARIABLE = "YIKATONG_KEY_STORE"
KEY_FILE = "journal.key"
KEY_ID_FILE = "journal.keyid"
PROTECTED_FILE = "journal.dpapi"
_GROUP_KEY = 0o640
KEYRING_SERVICE = "yikatong-counter"
RING_WAIT_S = 30.0
T = TypeVar("T")

Strength = Literal["machine", "group", "keyring", "file"]

# Named one by one: keyrings.alt prompts on stdin or stores in clear, and fail/null keep nothing.
_TRUSTED_BACKENDS = (
    "keyring.backends.SecretService",
    "keyring.backends.Windows",
    "keyring.backends.macOS",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
)


class KeyStoreAway(Exception):
    """The key cannot be fetched now, which does not mean that it is gone; carries the Refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class KeyStore(Protocol):
    """Where the journal's raw key is kept. Calls may block; both may raise KeyStoreAway or OSError."""

    def load(self) -> bytes | None:
        """Return the 32 bytes, or None when there is no key."""
        ...

    def create(self) -> bytes:
        """Make, keep and return a new key; only for a folder that has no journal yet."""
        ...

    def keep(self, key: bytes) -> None:
        """Keep the key of a journal that is restored here."""
        ...

    def destroy(self) -> None:
        """Destroy the key for good: whatever was written under it is lost."""
        ...

    @property
    def strength(self) -> Strength:
        """Return how it is kept."""
        ...


class Ring(Protocol):
    """A keyring of the operating system. All calls may block on its service; raise KeyStoreAway."""

    def get(self, name: str) -> str | None:
        """Return a secret, or None."""
        ...

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        ...

    def remove(self, name: str) -> None:
        """Forget a secret."""
        ...


class FolderKeyStore:
    """The key of the journal in one folder.

    Which file lies beside the journal says where its key is: `journal.key` is the key, `journal.keyid` its name in the
    keyring, `journal.dpapi` the key under the machine's protection. So a journal finds its key again whatever the next
    session happens to have.
    """

    def __init__(
        self, folder: Path, find_ring: Callable[[], Ring | None], protection: Protection | None = None
    ) -> None:
        self._folder = folder
        self.key_file = folder / KEY_FILE
        self._id_file = folder / KEY_ID_FILE
        self._protected_file = folder / PROTECTED_FILE
        self._find_ring = find_ring
        self._protection = protection

    def load(self) -> bytes | None:
        """Return the key, or None; raises KeyStoreAway when the keyring that holds it does not answer."""
        if self.key_file.exists():
            self._tighten()
            return _decode(self.key_file.read_text("ascii", errors="replace"))
        if self._protected_file.exists():
            if self._protection is None:
                raise KeyStoreAway(Refusal("JOURNAL-KEYRING-AWAY"))
            return self._protection.unprotect(self._protected_file.read_bytes())
        if self._id_file.exists():
            return _decode(self._ring_of_the_key().get(self._key_name()) or "")
        return None

    def create(self) -> bytes:
        """Make a key and keep it in the best place there is; it is kept for sure before it is returned."""
        key = secrets.token_bytes(KEY_BYTES)
        self.keep(key)
        return key

    def keep(self, key: bytes) -> None:
        """Keep a key in the best place there is, for sure before returning."""
        if self._protection is not None:
            _write_private(self._protected_file, self._protection.protect(key))
            return
        # A keyring is one account's: what several accounts share cannot be there.
        ring = self._find_ring() if shared_group(self._folder) is None else None
        if ring is None or not self._put(ring, key):
            self.keep_in_file(key)

    def keep_in_file(self, key: bytes) -> None:
        """Keep a key in the file: for this account, or where the folder is a group's for all of the group."""
        _write_private(self.key_file, key.hex().encode())
        if shared_group(self._folder) is not None:
            self.key_file.chmod(_GROUP_KEY)

    def leave_ring(self) -> None:
        """Take the key out of the keyring, where the file has it too; nothing where it was never there."""
        if self._id_file.exists() and self.key_file.exists():
            self._ring_of_the_key().remove(self._key_name())
            self._id_file.unlink()

    def destroy(self) -> None:
        """Destroy the key wherever it is; a file is overwritten first, as far as a disk does that in place."""
        if self._id_file.exists():
            self._ring_of_the_key().remove(self._key_name())
        for file in (self.key_file, self._protected_file, self._id_file):
            if file.exists():
                _overwrite(file)
                file.unlink()
        keep_name(self._folder)

    @property
    def strength(self) -> Strength:
        """Return how the key is kept, or would be."""
        group = self._folder.exists() and shared_group(self._folder) is not None
        if self.key_file.exists():
            return "group" if group else "file"
        if self._protected_file.exists():
            return "machine"
        if self._id_file.exists():
            return "keyring"
        if self._protection is not None:
            return "machine"
        if group:
            return "group"
        return "file" if self._find_ring() is None else "keyring"

    def _tighten(self) -> None:
        """Take away what others may do with the file; the group may read it where the folder is the group's."""
        if os.name != "posix":
            return
        found, mode = self.key_file.stat(), 0o600 if shared_group(self._folder) is None else _GROUP_KEY
        if found.st_uid == os.geteuid() and found.st_mode & 0o777 & ~mode:
            self.key_file.chmod(mode)

    def _ring_of_the_key(self) -> Ring:
        ring = self._find_ring()
        if ring is None:
            raise KeyStoreAway(Refusal("JOURNAL-KEYRING-AWAY"))
        return ring

    def _key_name(self) -> str:
        return self._id_file.read_text("ascii", errors="replace").strip()

    def _put(self, ring: Ring, key: bytes) -> bool:
        name = f"journal-{uuid.uuid4()}"
        try:
            ring.put(name, key.hex())
            if ring.get(name) != key.hex():
                return False
        except KeyStoreAway:
            return False
        _write_private(self._id_file, name.encode())
        return True


class SystemRing:
    """A trusted backend of the keyring package."""

    def __init__(self, backend: _Backend, error: type[Exception], wait_s: float = RING_WAIT_S) -> None:
        self._backend = backend
        self._error = error
        self._wait_s = wait_s

    def get(self, name: str) -> str | None:
        """Return a secret, or None; may block while the keyring asks its owner to unlock it."""
        return self._in_time(lambda: self._backend.get_password(KEYRING_SERVICE, name))

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        self._in_time(lambda: self._backend.set_password(KEYRING_SERVICE, name, secret))

    def remove(self, name: str) -> None:
        """Forget a secret."""
        self._in_time(lambda: self._backend.delete_password(KEYRING_SERVICE, name))

    def _in_time(self, call: Callable[[], T]) -> T:
        """Wait for the keyring as long as its owner may take to unlock it, and no longer: nobody may stand there."""
        answer: Future[T] = Future()

        def ask() -> None:
            try:
                answer.set_result(call())
            except self._error as error:
                answer.set_exception(error)

        threading.Thread(target=ask, name="keyring", daemon=True).start()
        try:
            return answer.result(self._wait_s)
        except (self._error, TimeoutError) as error:
            raise KeyStoreAway(Refusal("JOURNAL-KEYRING-AWAY")) from error


class _Backend(Protocol):
    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def system_ring() -> Ring | None:
    """Find the first trusted backend of the keyring package; None where only fail, null or plain-text ones are."""
    import keyring
    import keyring.errors

    chosen = keyring.get_keyring()
    for backend in getattr(chosen, "backends", (chosen,)):
        if type(backend).__module__.startswith(_TRUSTED_BACKENDS):
            return SystemRing(backend, keyring.errors.KeyringError)
    return None


def no_ring() -> Ring | None:
    """Stand for a machine without a keyring."""
    return None


def machine_key_store(folder: Path, environ: Mapping[str, str] = os.environ) -> KeyStore:
    """Return the key store of a folder; YIKATONG_KEY_STORE=file forces the file for a new journal."""
    if environ.get(KEY_STORE_VARIABLE) == "file":
        return FolderKeyStore(folder, no_ring)
    return FolderKeyStore(folder, system_ring, machine_protection())


def key_name(folder: Path) -> str:
    """Return the name in the keyring of a folder's key; empty where it is in a file."""
    file = folder / KEY_ID_FILE
    return file.read_text("ascii", errors="replace").strip() if file.exists() else ""


def key_by_name(name: str) -> bytes | None:
    """Return a key of this machine's keyring; None where there is no such name, or no keyring that answers."""
    ring = system_ring() if name else None
    try:
        return None if ring is None else _decode(ring.get(name) or "")
    except KeyStoreAway:
        return None


def key_in(file: Path) -> bytes | None:
    """Return the key of a `journal.key` that was kept apart; None for a file that holds none. Raises OSError."""
    return _decode(file.read_text("ascii", errors="replace"))


def _decode(text: str) -> bytes | None:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None


def _write_private(file: Path, content: bytes) -> None:
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
    # The name must be on disk before a journal is written under the key it names.
    keep_name(file.parent)


def _overwrite(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.write(bytes(file.stat().st_size))
        stream.flush()
        os.fsync(stream.fileno())
