"""The disk that the power cuts are made on: what it keeps and what it may lose, each by hand."""

from __future__ import annotations

import random

import pytest

from tests.crash.lab.volatile_files import SECTOR, Disk, Loss, VolatileFile

SYNCED, WRITTEN = b"a" * 1000, b"b" * 1200
LOSSES = tuple(Loss)


@pytest.fixture
def disk() -> Disk:
    """A folder with one file that is sure, and was written over since."""
    made = Disk()
    made.load("/d/file", SYNCED)
    made.names["/d/file"].write(made.count(), 0, WRITTEN)
    return made


def images(disk: Disk, loss: Loss, times: int = 50) -> set[bytes]:
    return {disk.cut("/d", loss, random.Random(seed))["/d/file"] for seed in range(times)}


def test_what_is_read_back_is_what_was_written_last(disk: Disk) -> None:
    assert bytes(disk.names["/d/file"].content) == WRITTEN


def test_without_a_sync_the_old_or_the_new_is_found(disk: Disk) -> None:
    assert images(disk, Loss.NONE_KEPT) == {SYNCED}
    assert images(disk, Loss.ALL_KEPT) == {WRITTEN}
    assert images(disk, Loss.PREFIX) == {SYNCED, WRITTEN}
    assert images(disk, Loss.REORDERED) == {SYNCED, WRITTEN}


def test_a_torn_write_ends_at_sectors(disk: Disk) -> None:
    found = images(disk, Loss.TORN)
    assert len(found) > 4
    for image in found:
        sectors = [image[at : at + SECTOR] for at in range(0, len(image), SECTOR)]
        assert all(set(sector) == {ord("b")} or ord("b") not in sector for sector in sectors)


@pytest.mark.parametrize("loss", LOSSES)
def test_what_was_synced_is_always_there(disk: Disk, loss: Loss) -> None:
    disk.names["/d/file"].sync()
    assert images(disk, loss) == {WRITTEN}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_sync_that_failed_never_reaches_the_disk(disk: Disk, loss: Loss) -> None:
    disk.names["/d/file"].forget()
    assert bytes(disk.names["/d/file"].content) == WRITTEN
    assert images(disk, loss) == {SYNCED}


def test_a_name_is_sure_only_when_its_folder_was_synced(disk: Disk) -> None:
    new = VolatileFile()
    new.write(disk.count(), 0, WRITTEN)
    new.sync()
    disk.link("/d/new", new)
    disk.link("/d/file", None)
    assert set(disk.names) == {"/d/new"}
    assert set(disk.cut("/d", Loss.NONE_KEPT, random.Random(1))) == {"/d/file"}
    assert {len(disk.cut("/d", Loss.REORDERED, random.Random(seed))) for seed in range(20)} == {0, 1, 2}
    disk.sync_folder("/d")
    assert disk.cut("/d", Loss.NONE_KEPT, random.Random(1)) == {"/d/new": WRITTEN}


def test_a_file_that_was_cut_short_may_be_as_long_as_before(disk: Disk) -> None:
    disk.names["/d/file"].sync()
    disk.names["/d/file"].write(disk.count(), 10, None)
    assert images(disk, Loss.PREFIX) == {WRITTEN, WRITTEN[:10]}
