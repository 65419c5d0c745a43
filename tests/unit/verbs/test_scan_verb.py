from __future__ import annotations

import json

import pytest
import zxingcpp
from PIL import Image

from app.verbs.entry import main

CODE = "训练电子社保卡码"


@pytest.fixture
def picture(tmp_path):
    raw = memoryview(zxingcpp.create_barcode(CODE, zxingcpp.BarcodeFormat.QRCode).to_image(scale=5))
    path = tmp_path / "code.png"
    Image.frombytes("L", (raw.shape[1], raw.shape[0]), bytes(raw)).save(path)
    return path


def test_json_has_one_object_a_file(picture, tmp_path, capsys):
    empty = tmp_path / "empty.png"
    Image.new("L", (50, 50), 255).save(empty)
    assert main(["scan", str(picture), str(empty), "--json", "--reveal"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(item["file"], item["text"]) for item in found] == [(str(picture), CODE), (str(empty), None)]
    assert {tuple(item) for item in found} == {("file", "text", "decoder", "ms", "lengths", "texts", "error")}


def test_a_table_without_json(picture, capsys):
    assert main(["scan", str(picture), "--reveal"]) == 0
    out = capsys.readouterr().out
    assert "文件" in out
    assert CODE in out


def test_a_file_that_is_no_image_is_one_line_and_exit_2(picture, tmp_path, capsys):
    assert main(["scan", str(tmp_path / "absent.png"), str(picture), "--json", "--reveal"]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("SCAN-UNREADABLE ")
    assert captured.err.count("\n") == 1
    absent, read = json.loads(captured.out)
    assert (absent["text"], absent["error"]) == (None, "SCAN-UNREADABLE")
    assert (read["text"], read["error"]) == (CODE, None)


def drawn(path, *codes):
    page = Image.new("L", (300, 330 * len(codes)), 255)
    for number, text in enumerate(codes):
        raw = memoryview(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=5))
        page.paste(Image.frombytes("L", (raw.shape[1], raw.shape[0]), bytes(raw)), (40, 20 + 330 * number))
    page.save(path)
    return str(path)


def test_several_codes_are_all_told(tmp_path, capsys):
    page = drawn(tmp_path / "page.png", "first-code", "second-code")
    assert main(["scan", page, "--json", "--reveal"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["text"], found["texts"]) == ("first-code", ["first-code", "second-code"])
    assert main(["scan", page, "--reveal"]) == 0
    told = capsys.readouterr().out
    assert "first-code" in told
    assert "second-code" in told


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_code_in_a_file_is_hidden_unless_asked_for(picture, capsys, options):
    assert main(["scan", str(picture), *options]) == 0
    captured = capsys.readouterr()
    assert CODE not in captured.out + captured.err
    assert str(len(CODE)) in captured.out


@pytest.mark.parametrize(
    ("text", "code"),
    [("1234567", "SCAN-TOO-SHORT"), ("training\x1b[2J", "SCAN-UNPRINTABLE"), ("A" * 513, "SCAN-TOO-LONG")],
)
def test_what_is_no_code_is_refused_in_a_file_too(tmp_path, capsys, text, code):
    raw = memoryview(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=5))
    Image.frombytes("L", (raw.shape[1], raw.shape[0]), bytes(raw)).save(tmp_path / "no-code.png")
    assert main(["scan", str(tmp_path / "no-code.png"), "--json", "--reveal"]) == 2
    captured = capsys.readouterr()
    (found,) = json.loads(captured.out)
    assert (found["text"], found["texts"], found["error"]) == (None, [], code)
    assert captured.err.startswith(f"{code} ")


def test_only_files_that_are_no_image(tmp_path, capsys):
    assert main(["scan", str(tmp_path / "absent.png")]) == 2
    assert capsys.readouterr().out == ""


def test_a_camera_tells_a_code_only_when_asked(picture, tmp_path, capsys):
    (tmp_path / "frames").mkdir()
    long = memoryview(
        zxingcpp.create_barcode("训练电子社保卡 350100A3", zxingcpp.BarcodeFormat.QRCode).to_image(scale=5)
    )
    Image.frombytes("L", (long.shape[1], long.shape[0]), bytes(long)).save(tmp_path / "frames" / "a.png")
    command = ["scan", "--camera", str(tmp_path / "frames")]
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"source": "camera", "length": 16, "text": None}
    assert main(command) == 0
    assert "350100A3" not in capsys.readouterr().out
    assert main([*command, "--reveal"]) == 0
    assert "350100A3" in capsys.readouterr().out


def test_a_camera_that_sees_none_or_is_not_there(picture, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["scan", "--camera", str(tmp_path / "empty")]) == 2
    assert capsys.readouterr().err.startswith("SCAN-NOTHING ")
    assert main(["scan", "--camera", str(tmp_path / "absent.avi"), "--wait", "3"]) == 2
    assert capsys.readouterr().err.startswith("CAMERA-AWAY ")
    (tmp_path / "short").mkdir()
    drawn(tmp_path / "short" / "a.png", "1234567")
    assert main(["scan", "--camera", str(tmp_path / "short")]) == 2
    assert capsys.readouterr().err.startswith("SCAN-TOO-SHORT ")


def test_files_or_a_camera(picture, capsys):
    for command in (["scan"], ["scan", str(picture), "--camera"]):
        assert main(command) == 2
        assert capsys.readouterr().err.startswith("SCAN-WHAT ")


@pytest.mark.parametrize("named", ["", "64", "99999999999", "9" * 5000, "a" * 5000])
def test_a_camera_that_nobody_can_mean_is_wrong_input(named, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["scan", "--camera", named, "--wait", "1"])
    assert ended.value.code == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("INPUT-WRONG ")
    assert captured.out == ""
