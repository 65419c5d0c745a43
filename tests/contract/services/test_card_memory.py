"""What this machine remembers of a card: offline a 3.0 card says neither whose it is nor who its bank is."""

from __future__ import annotations

from app.catalogue import training_staff
from app.domain.refusal import Refusal
from app.services.counter import Counter
from app.services.views import FormView, VisitView
from hardware.virtual.profiles import load_profile
from tests.contract.services.conftest import OpenCounter
from tests.contract.services.test_visit_desk import put_card, signed_in, wait_until
from tests.programs import Province


def read(counter: Counter) -> VisitView:
    visit = counter.desk.identify()
    assert isinstance(visit, VisitView), visit
    return visit


def go_offline(counter: Counter, province: Province) -> None:
    province.kill()
    wait_until(lambda: not counter.circuit.online)


def loss_notice(counter: Counter) -> str:
    form = counter.desk.open_form("20")
    assert isinstance(form, FormView), form
    assert form.offline_notice is not None
    return form.offline_notice


def test_offline_the_bank_is_named_where_the_card_was_seen_before(opened: OpenCounter, province: Province) -> None:
    counter = signed_in(opened("gen3"))
    assert read(counter).bank_line == "95566"
    assert counter.desk.finish() is None
    go_offline(counter, province)
    seen = read(counter)
    assert (seen.profile, seen.identity.name, seen.bank_line) == (None, None, "95566")
    assert "发卡银行 95566" in loss_notice(counter)
    put_card(counter, "gen3-lost")
    assert read(counter).bank_line is None
    assert "卡背面的发卡银行客服电话" in loss_notice(counter)


def test_nobody_serves_the_own_record_also_offline(opened: OpenCounter, province: Province) -> None:
    holder, clerk = load_profile("gen3-clerk").holder, training_staff.load().people[0]
    assert holder is not None
    assert (holder.citizen_number, holder.name) == (clerk.person_id, clerk.name)
    counter = signed_in(opened("gen3-clerk"))
    assert read(counter).own_record
    assert {service.refusal for service in read(counter).services} == {Refusal("OWN-CARD")}
    go_offline(counter, province)
    offline = read(counter)
    assert (offline.identity.citizen_number, offline.own_record) == (None, True)
    assert counter.desk.open_form("90") == Refusal("OWN-CARD")
    put_card(counter, "gen3")
    assert not read(counter).own_record
