"""Prints the table of killed sagas."""

from __future__ import annotations

import pytest

from tests.crash.saga.report import markdown


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    made = markdown(config)
    if made:
        terminalreporter.section("sagas killed at every fault point")
        terminalreporter.write_line(made)
