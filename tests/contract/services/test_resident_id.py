"""A counter reads a resident ID: over a real serial line, by the library of its box, and by one of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.catalogue import sentences
from app.domain.identity import Proof
from app.domain.refusal import Refusal
from app.services.counter import Counter, open_counter
from app.services.devices import open_id_reader, open_reader
from app.services.events import EventBus
from app.services.id_reading import ResidentIdReading
from app.services.settings import Settings, load
from app.services.views import VisitView
from hardware.card.social_card import SocialCard
from hardware.resident_id.text_block import IdField, IdKind, ResidentId
from hardware.virtual.driver_answers import driver_answers
from hardware.virtual.hsm import VirtualHsm
from hardware.virtual.sdt_reader import IdCard, text_block
from tests.contract.hardware.resident_id.test_serial_reader import Line
from tests.contract.hardware.sscard.maker import Maker
from tests.contract.services.test_visit_desk import signed_in
from tests.programs import Province
from tests.unit.hardware.resident_id.people import PEOPLE
from tests.unit.services.test_identify import NOT_PROVED, holder, refusals

HOLDER = text_block(
    IdKind.CITIZEN,
    {
        **PEOPLE[IdKind.CITIZEN],
        IdField.NAME: holder("gen3").name,
        IdField.NUMBER: holder("gen3").citizen_number,
        IdField.BIRTH_DATE: f"{holder('gen3').birth_date:%Y%m%d}",
    },
)
Named = Callable[[str], Settings]


@pytest.fixture
def named(tmp_path: Path) -> Named:
    """Return the settings of a training counter by lines of its file."""

    def settings(lines: str) -> Settings:
        (tmp_path / "counter.toml").write_text(lines, encoding="utf-8")
        found = load(tmp_path, training=True, hall_url=None)
        assert isinstance(found, Settings), found
        return found

    return settings


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.fixture
def reader_of(named: Named) -> Iterator[Callable[[str], ResidentIdReading]]:
    """Start whichever reader of resident IDs the settings name; it is stopped at the end."""
    with ExitStack() as stack:

        def start(lines: str) -> ResidentIdReading:
            settings = named(lines)
            own = open_id_reader(settings)
            if own is not None:
                own.start()
                stack.callback(own.stop)
                return own
            reader = open_reader(settings, lambda _status: None, lambda _refusal: None)
            reader.owner.start()
            stack.callback(reader.owner.stop)
            assert reader.ids is not None
            return reader.ids

        yield start


def code_of(found: ResidentId | Refusal) -> str:
    assert isinstance(found, Refusal), found
    told = sentences.load().of(found)
    assert told.line
    assert told.remedy
    return found.code


def test_a_visit_is_opened_by_an_id_on_a_serial_reader_in_a_whole_counter(
    line: Line, named: Named, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    settings = named(f'province_url = "{province.url}"\nreader = "virtual"\nid_port = "{line.port}"\n')
    counter = open_counter(settings, EventBus())
    assert isinstance(counter, Counter), counter
    try:
        desk = signed_in(counter).desk
        empty = desk.identify_by_id()
        assert isinstance(empty, Refusal)
        assert empty.code == "IDREADER-NO-CARD"
        line.reader.put(IdCard(HOLDER))
        visit = desk.identify_by_id()
        assert isinstance(visit, VisitView), visit
        assert visit.identity.name_proof is Proof.RESIDENT_ID
        assert (visit.identity.name, visit.identity.card_id) == (holder("gen3").name, holder("gen3").card_id)
        assert visit.profile is not None
        assert refusals(visit) >= NOT_PROVED
        assert desk.open_form("20") == Refusal("CARD-NOT-AUTHENTICATED")
        line.reader.put(IdCard(text_block(IdKind.CITIZEN, PEOPLE[IdKind.CITIZEN])))
        assert desk.identify_by_id() == Refusal("HOLDER-UNKNOWN")
        assert desk.in_hand.visit is None
    finally:
        counter.close()


def test_a_line_that_is_not_there_or_goes_away_is_told(
    line: Line, reader_of: Callable[[str], ResidentIdReading]
) -> None:
    assert code_of(reader_of('id_port = "/dev/absent"\n').read_id()) == "READER-LINE-NONE"
    there = reader_of(f'id_port = "{line.port}"\n')
    line.reader.put(IdCard(HOLDER))
    found = there.read_id()
    assert isinstance(found, ResidentId)
    line.unplug()
    assert code_of(there.read_id()) in ("READER-LINE-NONE", "READER-HUNG", "READER-GARBAGE")


@pytest.mark.parametrize("library", ["sdtapi", "termb"])
@pytest.mark.parametrize("card_driver", [True, False], ids=["one-box", "apart"])
def test_a_library_reads_it_in_the_cards_box_or_apart(
    maker: Maker, reader_of: Callable[[str], ResidentIdReading], library: str, card_driver: bool
) -> None:
    path = maker.driver.path.as_posix()
    names = {"GetPeopleName": "测试员甲", "GetPeopleIDCode": "110101199003070011", "GetEndDate": "长期"}
    maker.set(settings={**driver_answers("gen3"), **names})
    (maker.folder / "text.bin").write_bytes(text_block(IdKind.CITIZEN, PEOPLE[IdKind.CITIZEN]))
    (maker.folder / "photo.bin").write_bytes(b"\x01" * 1024)
    box = f'card_driver = "{path}"\n' if card_driver else ""
    ids = reader_of(f'{box}id_driver = "{path}"\nid_driver_type = "{library}"\n')
    found = ids.read_id()
    assert isinstance(found, ResidentId), found
    assert (found.name, found.number) == ("测试员甲", "110101199003070011")
    lost = {"sdtapi": "SDT_ReadBaseMsg", "termb": "CVR_Read_Content"}[library]
    maker.set("crash", {"only": lost, **names})
    assert code_of(ids.read_id()) == "READER-DRIVER-DIED"
    maker.set(settings=names)
    assert isinstance(ids.read_id(), ResidentId)


def test_a_box_whose_id_part_is_away_reads_its_cards(maker: Maker, named: Named) -> None:
    path = maker.driver.path.as_posix()
    maker.set("code", {**driver_answers("gen3"), "mode": "code", "only": "SDT_OpenPort", "number": "2"})
    settings = named(f'card_driver = "{path}"\nid_driver = "{path}"\n')
    reader = open_reader(settings, lambda _status: None, lambda _refusal: None)
    reader.owner.start()
    try:
        assert reader.ids is not None
        for _ in range(2):
            card = reader.cards.read(VirtualHsm())
            assert isinstance(card, SocialCard), card
            assert (card.card_id, card.authenticated) == (holder("gen3").card_id, True)
            assert code_of(reader.ids.read_id()) == "READER-LINE-NONE"
    finally:
        reader.owner.stop()


def test_a_library_that_is_not_there_is_told(reader_of: Callable[[str], ResidentIdReading], tmp_path: Path) -> None:
    ids = reader_of(f'id_driver = "{(tmp_path / "absent.dll").as_posix()}"\n')
    assert code_of(ids.read_id()) == "READER-DRIVER-MISSING"


def test_a_window_without_one_says_so(named: Named, province: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    counter = open_counter(named(f'province_url = "{province.url}"\nreader = "virtual"\n'), EventBus())
    assert isinstance(counter, Counter), counter
    try:
        assert signed_in(counter).desk.identify_by_id() == Refusal("IDREADER-NONE")
    finally:
        counter.close()
