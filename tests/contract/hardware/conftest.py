from __future__ import annotations

from collections.abc import Iterator

import pytest

from hardware.virtual.private_pcscd import PcscService, missing, private_pcscd


@pytest.fixture(scope="session")
def pcsc() -> Iterator[PcscService]:
    """One PC/SC service of our own for all tests here."""
    reason = missing()
    if reason is not None:
        pytest.skip(f"no real PC/SC: {reason}")
    with private_pcscd() as service:
        yield service
