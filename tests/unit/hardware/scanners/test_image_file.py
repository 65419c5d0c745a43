from __future__ import annotations

import os
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from hardware.scanners.decoder_chain import second_opinion
from hardware.scanners.image_file import ScanResult, UnreadableImage, scan_image

TEXT = "训练电子社保卡 350100A3"


def code(kind: zxingcpp.BarcodeFormat = zxingcpp.BarcodeFormat.QRCode, text: str = TEXT) -> Image.Image:
    raw = memoryview(zxingcpp.create_barcode(text, kind).to_image(scale=5))
    height, width = raw.shape
    return Image.frombytes("L", (width, height), bytes(raw))


def save(folder: Path, image: Image.Image, name: str = "屏 幕.png") -> Path:
    path = folder / name
    image.save(path)
    return path


def found(path: Path) -> ScanResult:
    result = scan_image(path)
    assert isinstance(result, ScanResult)
    return result


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1"])
def test_a_qr_code_in_any_colour_mode(tmp_path, mode):
    result = found(save(tmp_path, code().convert(mode)))
    assert (result.text, result.decoder) == (TEXT, "zxing-cpp")
    assert result.file.endswith("屏 幕.png")
    assert result.ms >= 0


def test_every_code_is_told_from_top_to_bottom(tmp_path):
    page = Image.new("L", (900, 1200), 255)
    page.paste(code(text="below"), (40, 350))
    page.paste(code(text="above"), (40, 20))
    page.paste(code(zxingcpp.BarcodeFormat.Code128, "above"), (40, 650))
    result = found(save(tmp_path, page))
    assert (result.texts, result.text) == (("above", "below"), "above")


def test_what_is_transparent_counts_as_white(tmp_path):
    drawn = code().convert("RGBA")
    drawn.putalpha(code().point(lambda value: 255 - value))
    blank = Image.composite(drawn, Image.new("RGBA", drawn.size, (0, 0, 0, 0)), drawn.getchannel("A"))
    assert found(save(tmp_path, blank)).text == TEXT


def test_control_characters_come_as_they_are(tmp_path):
    assert found(save(tmp_path, code(text="a\x1bb\x1dc"))).text == "a\x1bb\x1dc"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert isinstance(scan_image(tmp_path / "pipe.png"), UnreadableImage)


def test_a_turned_code_and_a_jpeg(tmp_path):
    assert found(save(tmp_path, code().rotate(30, expand=True, fillcolor=255), "a.jpg")).text == TEXT


def test_the_bar_code_of_a_receipt(tmp_path):
    image = code(zxingcpp.BarcodeFormat.Code128, "2026112200001")
    assert found(save(tmp_path, image)).text == "2026112200001"


def test_a_washed_out_code_is_found_at_the_second_try(tmp_path):
    result = found(save(tmp_path, code().point(lambda value: 120 if value < 128 else 126)))
    assert (result.text, result.decoder) == (TEXT, "zxing-cpp+contrast")


def test_nothing_found_is_null(tmp_path):
    result = found(save(tmp_path, Image.new("L", (200, 200), 200)))
    assert result.text is None
    assert result.decoder == ("pyzbar" if second_opinion() else "zxing-cpp+contrast")


def test_a_code_of_another_kind_is_nothing(tmp_path):
    assert found(save(tmp_path, code(zxingcpp.BarcodeFormat.DataMatrix))).text is None


@pytest.mark.parametrize("content", [None, b"", b"no image", b"\x89PNG\r\n\x1a\n" + bytes(20)])
def test_what_is_no_image_is_told(tmp_path, content):
    path = tmp_path / "file.png"
    if content is not None:
        path.write_bytes(content)
    assert scan_image(path) == UnreadableImage(str(path))


def test_a_cut_image_and_a_folder_are_told(tmp_path):
    whole = save(tmp_path, code()).read_bytes()
    cut = tmp_path / "cut.png"
    cut.write_bytes(whole[: len(whole) // 2])
    assert isinstance(scan_image(cut), UnreadableImage)
    assert isinstance(scan_image(tmp_path), UnreadableImage)


def test_an_image_that_would_fill_the_memory_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert isinstance(scan_image(save(tmp_path, code())), UnreadableImage)
