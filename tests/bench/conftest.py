"""Prints the Speed table after a run with `--bench`."""

from __future__ import annotations

import pytest

from tests.bench.report import machine_load, markdown, noted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = noted(config)
    if config.getoption("--bench") and lines:
        terminalreporter.section(f"speed: {machine_load()}")
        terminalreporter.write_line(markdown(lines))
