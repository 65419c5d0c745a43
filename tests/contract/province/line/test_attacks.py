"""Every attack of the table: refused by the side that must, written down there, and afterwards the counter works."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

import resources
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.province.port import CardCheck
from app.training.process import TrainingProvince
from tests.contract.province.conftest import Desk
from tests.contract.province.line.attack_kinds import KINDS, Kind, markdown
from tests.contract.province.line.attack_proxy import AttackProxy
from tests.contract.province.line.attack_scene import COUNTER, NEIGHBOUR, Scene, enrolled

PAGE = resources.path("line", "attacks.md")


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    folder = tmp_path_factory.mktemp("counter")
    made = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(made, Journal)
    yield made
    made.close()


@pytest.fixture(scope="module")
def staged(
    province: TrainingProvince, shared_desk: Desk, journal: Journal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    parts = urlsplit(province.url)
    proxy = AttackProxy((parts.hostname or "", parts.port or 0))
    folder = tmp_path_factory.mktemp("line")
    made = Scene(
        province, shared_desk, folder, journal, proxy, enrolled(province, COUNTER), enrolled(province, NEIGHBOUR)
    )
    yield made
    made.close()


@pytest.fixture
def scene(staged: Scene) -> Iterator[Scene]:
    yield staged
    staged.proxy.calm()
    staged.hurried(False)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.replace(" ", "-"))
def test_an_attack_is_refused_written_down_and_over(scene: Scene, kind: Kind) -> None:
    assert scene.works()
    alarms, audited = len(scene.alarms()), len(scene.audited())
    found = kind.done(scene)
    assert not isinstance(found, CardCheck), found
    if kind.side == "province":
        assert kind.code in scene.alarms_after(alarms, kind.code), found
    else:
        told = [row.get("field") or row["code"] for row in scene.audited()[audited:]]
        assert told == [kind.code], found
        assert isinstance(found, Refusal)
        assert found.code in ("LINE-REPLY-FALSE", kind.code)
    scene.proxy.calm()
    scene.hurried(False)
    scene.clock.off *= 0
    assert scene.works()
    assert scene.keys.forgotten <= 1


def test_the_table_has_its_kinds_and_stands_in_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    made = markdown()
    with capsys.disabled():
        sys.stdout.write(f"\n{made}\n")
    assert len(KINDS) == len({kind.name for kind in KINDS}) >= 50
    assert made in PAGE.read_text("utf-8"), "put the table that was printed into resources/line/attacks.md"
