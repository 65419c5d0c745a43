"""The security administrator's commands over what is sealed: a new data key, and the end of all keys."""

from __future__ import annotations

from app.domain.actor import Actor
from app.domain.approval import Signed
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.keys import KeyStore, KeyStoreAway
from app.journal.transaction import Transaction
from app.journal.trouble import folder_refusal
from app.services.doorway import Done, Doorway


class DataKeyCommands:
    """Rotates and destroys. Methods block on the journal."""

    def __init__(self, doorway: Doorway) -> None:
        self._doorway = doorway

    def rotate(self, actor: Actor) -> int | Refusal:
        """Seal from now on under a new key; returns its number. What is sealed already follows in the background."""

        def make(tx: Transaction) -> Done[int]:
            key_id = tx.data_keys.rotate()
            return Done(key_id, detail=(("key_id", str(key_id)),))

        return self._doorway.execute("rotate_data_key", actor, make).result()

    def erase(
        self, actor: Actor, journal: Journal, key_store: KeyStore, signed: Signed | None = None
    ) -> Refusal | None:
        """Make everything in this journal unreadable for good, also to who has a copy of its file; closes it.

        `signed` is the second person's approval. First the data keys, then the journal's own: killed in between, the
        names and numbers are gone all the same.
        Refusals: JOURNAL-UNSENT, JOURNAL-KEYRING-AWAY, DATA-FOLDER-UNUSABLE, and those of the doorway.
        """

        def destroy(tx: Transaction) -> Done[None] | Refusal:
            waiting = tx.summary()
            if waiting.pending or waiting.tasks:
                return Refusal.of("JOURNAL-UNSENT", pending=waiting.pending, tasks=waiting.tasks)
            tx.data_keys.erase()
            return Done(None, None if signed is None else signed.shown.op_id)

        refused = self._doorway.execute("erase_journal", actor, destroy, signed).result()
        if refused is not None:
            return refused
        # The last to close brings the emptied pages from the write-ahead log into the file.
        journal.close()
        try:
            key_store.destroy()
        except KeyStoreAway as away:
            return away.refusal
        except OSError as error:
            return folder_refusal(error)
        return None
