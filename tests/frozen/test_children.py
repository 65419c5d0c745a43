"""What a frozen program starts of itself is found by the same name that its starter uses."""

from __future__ import annotations

import subprocess
import sys

from app.services.receipt_worker import FROZEN_VERB
from app.verbs.entry import CHILDREN, VERBS


def test_the_starter_and_the_door_name_the_child_alike() -> None:
    assert CHILDREN[FROZEN_VERB] == "app.services.receipt_worker"
    assert not set(CHILDREN) & set(VERBS)


def test_the_child_ends_with_its_input() -> None:
    command = [sys.executable, "-m", "app.verbs.entry", FROZEN_VERB]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
