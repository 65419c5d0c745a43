"""What only the reference wire has: stops announced with the changes, and the profile that comes with 卡鉴权."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from app.domain.clock import HALL_ZONE
from app.domain.downlink import ChangePage
from app.domain.profile import Profile
from app.domain.province_stop import StopKind
from app.province.port import CardCheck, CardCheckRequest, ProfileQuery
from app.province.wires import ProvinceClient
from tests.contract.province.conftest import DEVICE, Desk


def test_announced_stops_come_with_the_changes_in_the_halls_time(client: ProvinceClient, desk: Desk) -> None:
    plan = {
        "nightly": {"starts": "23:30", "ends": "00:30"},
        "month_end": {"starts": "20:00", "ends": "23:00"},
        "once": [{"starts": "2199-01-01T00:00:00Z", "ends": "2199-01-01T06:00:00Z"}],
    }
    desk.post("/training/stops", plan).raise_for_status()
    try:
        page = client.changes(0, 1)
    finally:
        desk.post("/training/stops", {}).raise_for_status()
    assert isinstance(page, ChangePage)
    stops = page.stops
    if desk.facade is not None:
        # This wire announces none.
        assert stops is None
        return
    assert stops is not None
    assert {stop.kind for stop in stops} == set(StopKind)
    assert all(stop.ends > datetime.now(UTC) for stop in stops)
    nightly = [stop for stop in stops if stop.kind is StopKind.NIGHTLY]
    assert {stop.starts.astimezone(HALL_ZONE).time() for stop in nightly} == {time(23, 30)}
    assert {stop.ends - stop.starts for stop in nightly} == {timedelta(hours=1)}
    assert len({stop.starts for stop in nightly}) == len(nightly) >= 31
    (month_end,) = {stop.starts for stop in stops if stop.kind is StopKind.MONTH_END} or {None}
    assert month_end is not None
    assert (month_end.astimezone(HALL_ZONE) + timedelta(days=1)).day == 1
    silent = client.changes(0, 1)
    assert isinstance(silent, ChangePage)
    assert silent.stops == ()


def test_the_check_brings_the_profile_where_a_purpose_is_given_and_the_card_was_proved(
    client: ProvinceClient, desk: Desk
) -> None:
    card_id = desk.card("normal")["card_id"]
    asked = CardCheckRequest(card_id, None, True, DEVICE, "window-visit")
    answer = client.check_card(asked)
    alone = client.profile(ProfileQuery("window-visit", card_id=card_id))
    assert isinstance(answer, CardCheck)
    assert isinstance(answer.profile, Profile)
    assert isinstance(alone, Profile)
    assert replace(answer.profile, as_of=alone.as_of) == alone
    for without in (replace(asked, purpose=None), replace(asked, authenticated=False)):
        bare = client.check_card(without)
        assert isinstance(bare, CardCheck)
        assert bare.profile is None
