"""The options that verbs about a data folder share."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.services.data_folder import default_folder


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """Add --data, --training and --json."""
    parser.add_argument("--data", metavar="DIR", help="data folder of this machine")
    parser.add_argument("--training", action="store_true", help="the training data folder")
    parser.add_argument("--json", action="store_true", help="print JSON")


def folder_of(namespace: argparse.Namespace) -> Path:
    """Return the folder that the options name."""
    return Path(namespace.data) if namespace.data else default_folder(bool(namespace.training))
