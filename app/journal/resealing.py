"""Seals anew, in the background, what older data keys sealed: many small transactions, begun again after a kill."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.key_book import Pass
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused

PAUSE_S = 0.05
"""Between two transactions: whoever waits at a window goes first."""


def seal_all_anew(journal: Journal, stopped: Callable[[], bool] = lambda: False) -> int | None:
    """Seal anew until no older key is needed, and destroy those; returns how many envelopes, None when stopped.

    `stopped` is asked, and may wait, between two transactions. Raises JournalRefused.
    """
    if not journal.run(lambda tx: tx.data_keys.retiring()).result():
        return 0
    done = journal.run(lambda tx: tx.data_keys.begin_pass()).result()
    while not done.ended:
        if stopped():
            return None
        done = journal.run(partial(_go_on, done), label="seal_anew").result()
    return done.sealed


def _go_on(so_far: Pass, tx: Transaction) -> Pass:
    return tx.data_keys.go_on(so_far)


class Resealing:
    """The thread that does it beside a counter's work; it ends by itself, at once where nothing is to be done."""

    def __init__(self, journal: Journal, on_trouble: Callable[[Refusal], None]) -> None:
        self._journal = journal
        self._on_trouble = on_trouble
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="resealing", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the transaction at hand."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            seal_all_anew(self._journal, lambda: self._stopping.wait(PAUSE_S))
        except JournalRefused as refused:
            if refused.refusal.code != "JOURNAL-CLOSED":
                self._on_trouble(refused.refusal)
