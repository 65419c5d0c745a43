"""Prints the table of attacks on approvals."""

from __future__ import annotations

import pytest

from tests.unit.second_person.report import markdown


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    made = markdown(config)
    if made:
        terminalreporter.section("attacks on the second person's approval")
        terminalreporter.write_line(made)
