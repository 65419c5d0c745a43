from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from hardware.camera.camera_state import CameraState
from hardware.camera.code_camera import CodeCamera
from hardware.camera.opencv_camera import OpenCvCamera
from hardware.scanners.contrast import REPAIRS
from hardware.scanners.decoder_chain import Box, Decoder, FoundCode, decode, decode_plain, second_opinion
from hardware.scanners.region_tracking import RegionTracker
from hardware.virtual.camera import VirtualCamera, folder_camera

TEXT = "训练电子社保卡 350100A3"


def picture(text=TEXT, left=100, top=60, size=(480, 640)):
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=5)
    code = np.asarray(memoryview(drawn), dtype=np.uint8)
    frame = np.full(size, 255, np.uint8)
    frame[top : top + code.shape[0], left : left + code.shape[1]] = code
    return frame


def run(camera, until=None):
    """Read a recording to its end, or until a state has been published."""
    codes, states, done = [], [], threading.Event()

    def publish(state):
        states.append(state)
        if state is CameraState.ENDED or states == until:
            done.set()

    reader = CodeCamera(camera, codes.append, publish)
    reader.start()
    assert done.wait(30)
    reader.stop()
    return codes, states


def test_frames_of_a_folder_are_read_in_order(tmp_path):
    for number, text in enumerate(["first-code", "second-code"]):
        Image.fromarray(picture(text)).save(tmp_path / f"{number}.png")
    (tmp_path / "readme.txt").write_text("no picture")
    assert run(folder_camera(tmp_path, rate=0)) == (
        ["first-code", "second-code"],
        [CameraState.READY, CameraState.ENDED],
    )


def test_a_camera_that_is_pulled_out_is_opened_again():
    camera = VirtualCamera(lambda: iter([picture()] * 9), rate=0, pulled_after=2)
    codes, _ = run(camera, [CameraState.READY, CameraState.AWAY, CameraState.READY])
    assert codes[:2] == [TEXT, TEXT]


def test_opencv_reads_a_recording(tmp_path):
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"frame{number}.png"), picture())
    codes, states = run(OpenCvCamera(str(tmp_path / "frame%d.png")))
    assert set(codes) == {TEXT}
    assert states == [CameraState.READY, CameraState.ENDED]


def test_a_camera_that_is_not_there(tmp_path):
    assert OpenCvCamera(str(tmp_path / "absent.avi")).open() is None


def test_a_code_that_stays_is_looked_for_where_it_was(monkeypatch):
    tracker = RegionTracker()
    assert [code.text for code in tracker.decode(picture())] == [TEXT]
    seen = []

    def watched(image):
        seen.append(image.shape)
        return decode_plain(image)

    monkeypatch.setattr("hardware.scanners.region_tracking.decode_plain", watched)
    (found,) = tracker.decode(picture(left=110, top=70))
    assert found.text == TEXT
    assert len(seen) == 1
    assert seen[0][0] * seen[0][1] < 480 * 640 / 2
    assert abs(found.box.left - tracker.place.left) == 0
    (far,) = tracker.decode(picture(left=440, top=300))
    assert far.box.left > 400


def test_a_place_is_forgotten_after_half_a_second():
    tracker = RegionTracker()
    tracker.decode(picture())
    for _ in range(15):
        assert tracker.decode(np.full((480, 640), 200, np.uint8)) == ()
    assert tracker.place is None


def test_a_washed_out_code_is_read_within_three_frames():
    faint = np.where(picture() < 128, 120, 126).astype(np.uint8)
    assert decode_plain(faint) == ()
    tracker = RegionTracker()
    found = [tracker.decode(faint) for _ in REPAIRS]
    assert TEXT in [code.text for codes in found for code in codes]


def test_the_second_opinion_is_asked_last():
    opinion = (FoundCode("second-opinion", Box(0, 0, 1, 1)),)
    empty = np.full((100, 100), 255, np.uint8)
    assert decode(empty, lambda _image: opinion).codes == opinion
    assert decode(empty).decoder is Decoder.REPAIRED
    assert decode(picture(), lambda _image: opinion).decoder is Decoder.PLAIN


@pytest.mark.skipif(second_opinion() is None, reason="pyzbar or libzbar is not here")
def test_pyzbar_reads_the_same():
    (found,) = second_opinion()(picture("YKT-0001-TRAINING"))
    (plain,) = decode_plain(picture("YKT-0001-TRAINING"))
    assert found.text == plain.text
    assert abs(found.box.left - plain.box.left) < 10


def test_a_found_code_does_not_tell_its_text():
    assert "350100" not in repr(decode(picture()))
