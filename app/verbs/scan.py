"""`yikatong scan FILE…`: the codes in image files; `--camera`: the first code that a camera sees."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.catalogue import texts
from app.domain.refusal import Refusal
from app.verbs.entry import Subparsers
from app.verbs.number_option import camera, seconds
from app.verbs.printing import print_json, print_refusal, print_table

if TYPE_CHECKING:
    from app.catalogue.texts import Texts
    from hardware.scanners.image_file import ScanResult, UnreadableImage


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("scan", help="read QR codes from image files")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--camera", nargs="?", const="0", type=camera, metavar="NUMBER|FOLDER|FILE")
    parser.add_argument("--wait", type=seconds, default=30.0, metavar="SECONDS", help="for the camera")
    parser.add_argument("--reveal", action="store_true", help="tell the codes, which open accounts")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(namespace: argparse.Namespace) -> int:
    """Scan every file, or by camera; 2 when one could not be read or is no code, after the others were told."""
    if (namespace.camera is None) == (not namespace.files):
        print_refusal(Refusal("SCAN-WHAT"))
        return 2
    return _by_camera(namespace) if namespace.camera is not None else _files(namespace)


def _by_camera(namespace: argparse.Namespace) -> int:
    from app.services.scan_faults import refusal_of_camera, refusal_of_scan
    from hardware.camera.first_code import first_code
    from hardware.camera.opencv_camera import OpenCvCamera
    from hardware.scanners.scanned_code import ScanFault, ScannedCode
    from hardware.virtual.camera import folder_camera

    named: int | str = namespace.camera
    if isinstance(named, str) and Path(named).is_dir():
        found = first_code(folder_camera(Path(named)), namespace.wait)
    else:
        found = first_code(OpenCvCamera(named), namespace.wait)
    if not isinstance(found, ScannedCode):
        print_refusal(refusal_of_scan(found) if isinstance(found, ScanFault) else refusal_of_camera(found))
        return 2
    # A code that somebody holds up is a real one, most of the time.
    text = found.text if namespace.reveal else None
    if namespace.json:
        print_json({"source": found.source, "length": len(found.text), "text": text})
    else:
        word = texts.load()
        headers = [word(f"verbs.scan.{key}") for key in ("source", "length", "text")]
        shown = word("verbs.scan.hidden") if text is None else text
        print_table(headers, [(word(f"verbs.scan.{found.source}"), str(len(found.text)), shown)])
    return 0


def _files(namespace: argparse.Namespace) -> int:
    from hardware.scanners.image_file import ScanResult, scan_image

    outcomes = [scan_image(Path(file)) for file in namespace.files]
    results = [outcome for outcome in outcomes if isinstance(outcome, ScanResult)]
    if namespace.json:
        print_json([_shape(outcome, reveal=namespace.reveal) for outcome in outcomes])
    elif results:
        word = texts.load()
        headers = [word(f"verbs.scan.{key}") for key in ("file", "length", "text", "decoder", "ms")]
        print_table(headers, [row for result in results for row in _rows(result, word, reveal=namespace.reveal)])
    refused = [refusal for outcome in outcomes for refusal in _refusals(outcome)]
    for refusal in refused:
        print_refusal(refusal)
    return 2 if refused else 0


def _rows(result: ScanResult, word: Texts, *, reveal: bool) -> list[tuple[str, str, str, str, str]]:
    codes = _codes(result)
    told = [(str(len(code)), code if reveal else word("verbs.scan.hidden")) for code in codes]
    nothing = [] if result.texts else [("", word("verbs.scan.nothing"))]
    return [(result.file, *found, result.decoder, f"{result.ms:.1f}") for found in told or nothing]


def _codes(result: ScanResult) -> list[str]:
    """Return what may be a code; the others are refused, as a scanner's are."""
    from hardware.scanners.scanned_code import ScannedCode, ScanSource, check_code

    judged = [check_code(text, ScanSource.IMAGE_FILE) for text in result.texts]
    return [found.text for found in judged if isinstance(found, ScannedCode)]


def _refusals(outcome: ScanResult | UnreadableImage) -> list[Refusal]:
    from app.services.scan_faults import refusal_of_scan
    from hardware.scanners.image_file import UnreadableImage
    from hardware.scanners.scanned_code import ScanFault, ScanSource, check_code

    if isinstance(outcome, UnreadableImage):
        return [Refusal.of("SCAN-UNREADABLE", file=outcome.file)]
    judged = [check_code(text, ScanSource.IMAGE_FILE) for text in outcome.texts]
    return [refusal_of_scan(found) for found in judged if isinstance(found, ScanFault)]


def _shape(outcome: ScanResult | UnreadableImage, *, reveal: bool) -> Mapping[str, object]:
    """Give every code's length, and only when asked their texts and the first of them as `text`."""
    from hardware.scanners.image_file import UnreadableImage

    error = next((refusal.code for refusal in _refusals(outcome)), None)
    if isinstance(outcome, UnreadableImage):
        return {
            "file": outcome.file,
            "text": None,
            "decoder": None,
            "ms": None,
            "lengths": [],
            "texts": [],
            "error": error,
        }
    codes = _codes(outcome)
    shown = codes if reveal else []
    return {
        "file": outcome.file,
        "text": shown[0] if shown else None,
        "decoder": outcome.decoder,
        "ms": outcome.ms,
        "lengths": [len(code) for code in codes],
        "texts": shown,
        "error": error,
    }
