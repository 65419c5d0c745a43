from __future__ import annotations

from tests.bench.camera_frames import Hardness, frames
from tests.bench.decoder_race import CHAIN, PLAIN, race


def test_the_chain_reads_what_its_first_part_reads():
    found = race(list(frames(1, 2)), with_others=False)
    assert len(found.frames) == 2 * len(Hardness)
    assert found.results[PLAIN].read <= found.results[CHAIN].read
    assert found.results[CHAIN].wrong == 0
    assert found.read_in(CHAIN, Hardness.STILL) == 2
    assert "| chain |" in found.table()


def test_the_same_seed_gives_the_same_frames():
    one, other = (list(frames(3, 1)) for _ in range(2))
    assert [frame.text for frame in one] == [frame.text for frame in other]
    assert all((a.image == b.image).all() for a, b in zip(one, other, strict=True))
