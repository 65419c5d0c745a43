"""The province whose client is made by the first question."""

from __future__ import annotations

import pytest

from app.domain.anchor import Anchor, AuditPage, Enrolment
from app.domain.refusal import Refusal
from app.province.endpoint import Endpoint
from app.province.late import LateProvince
from app.province.port import Away, CardCheckRequest, HsmRequest, ProfileQuery, UploadBatch
from tests.programs import free_port

AWAY = Refusal("PROVINCE-AWAY")


def test_in_training_only_this_machine_is_asked() -> None:
    with pytest.raises(ValueError, match="this machine"):
        LateProvince(Endpoint("http://192.0.2.1:8080", "TRAINING-01", True))


def test_it_closes_whether_it_was_asked_or_not() -> None:
    LateProvince(Endpoint("http://127.0.0.1:9", "TRAINING-01", True)).close()
    asked = LateProvince(Endpoint(f"http://localhost:{free_port()}", "TRAINING-01", True))
    assert asked.clock() == AWAY
    asked.close()


def test_every_question_goes_to_the_province() -> None:
    late = LateProvince(Endpoint(f"http://127.0.0.1:{free_port()}", "TRAINING-01", True))
    assert late.clock() == AWAY
    assert late.operation_status("00000000-0000-4000-8000-000000000000") == AWAY
    assert late.profile(ProfileQuery("visit", card_id="0" * 32)) == AWAY
    assert late.check_card(CardCheckRequest("0" * 32, "A00000001", True, "TRAINING-01")) == AWAY
    assert late.hsm_step(HsmRequest("350102", "", "", "", "", "", "", "")) == AWAY
    assert late.upload(UploadBatch("TRAINING-01", "1", ())) == Away(AWAY)
    assert late.enrol(Enrolment("TRAINING-01", "1", 1, "", "")) == AWAY
    assert late.anchor(Anchor("TRAINING-01", "1", 1, "", "", "")) == AWAY
    assert late.last_sequence("TRAINING-01") == AWAY
    assert late.check_audit(AuditPage("TRAINING-01", "1", 0, ())) == AWAY
    late.close()
