"""The profile: who, how proved, five states apart, and why something cannot be done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.domain.identity import CardProof, Proof
from app.domain.refusal import Refusal
from app.domain.states import BankState, PersonState, ProductionState, RegisterState, SocialState
from app.services.views import VisitView
from ui import sample_values, tone_table
from ui.clerk.profile import ProfileScreen
from ui.theme.apply import apply_theme
from ui.theme.tokens import Tone
from ui.widgets.act_button import ActButton
from ui.widgets.code_button import CodeButton
from ui.widgets.status_chip import StatusChip


@pytest.fixture
def screen(qtbot, qapp, texts, sentences) -> ProfileScreen:
    apply_theme(qapp)
    profile = ProfileScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(profile)
    qtbot.addWidget(profile.panel)
    return profile


def _said(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def test_profile_shows_who_and_how_it_was_proved(screen: ProfileScreen, texts) -> None:
    screen.set_visit(sample_values.visit(texts))
    said = _said(screen)
    assert sample_values.NAME in said
    assert texts("ui.proof.name.chip") in said
    assert texts("ui.proof.person.clerk") in said
    assert texts("ui.proof.card.complete") in said
    assert not [text for text in said if sample_values.CITIZEN_NUMBER[6:14] in text.replace(" ", "")]
    assert not [text for text in said if "6222000000003361" in text or "A12345674" in text]


@pytest.mark.parametrize(
    ("code", "shown"),
    [("510100", "成都市 510100"), ("350102", "福州市 350102"), ("009999", "未知（原码009999）"), ("", "—")],
)
def test_regions_are_named(screen: ProfileScreen, texts, code: str, shown: str) -> None:
    visit = sample_values.visit(texts)
    assert visit.profile is not None
    insured = replace(visit.profile.insurances[0], region=code or None)
    profile = replace(visit.profile, insurances=(insured,))
    screen.set_visit(replace(visit, identity=replace(visit.identity, region=code), profile=profile))
    assert screen._table.item(0, 2).text() == shown
    assert any(text.startswith(texts("ui.profile.issued_in", region=shown)) for text in _said(screen))


@pytest.mark.parametrize(
    ("proof", "state", "tone"),
    [
        (CardProof(authenticated=True, checked=True), "complete", Tone.OK),
        (CardProof(authenticated=True, checked=False), "not_checked", Tone.WARN),
        (CardProof(authenticated=True, checked=False, check_id="c"), "not_usable", Tone.WARN),
        (CardProof(authenticated=False, checked=False), "none", Tone.WARN),
    ],
)
def test_card_proof_keeps_its_two_checks_apart(screen, texts, proof: CardProof, state: str, tone: Tone) -> None:
    visit = sample_values.visit(texts)
    screen.set_visit(replace(visit, identity=replace(visit.identity, card_proof=proof, person_proof=Proof.NONE)))
    chips = {chip.text(): chip.tone for chip in screen.findChildren(StatusChip)}
    assert chips[texts(f"ui.proof.card.{state}")] is tone
    assert chips[texts("ui.proof.person.none")] is Tone.WARN


def test_every_state_has_a_word_and_a_tone(texts) -> None:
    tones = tone_table.load()
    for group, states in {
        "social": SocialState,
        "bank": BankState,
        "production": ProductionState,
        "person": PersonState,
        "register": RegisterState,
    }.items():
        for state in states:
            assert f"states.{group}.{state}" in texts.entries
            assert state in tones.groups[group]
    assert tones.of("social", "no such state") is Tone.INFO


def test_unknown_code_is_shown_with_the_raw_code(screen: ProfileScreen, texts) -> None:
    visit = sample_values.visit(texts)
    profile = replace(sample_values.profile(SocialState.UNKNOWN), raw_codes=(("social", "8"),))
    screen.set_visit(replace(visit, profile=profile))
    assert texts("states.social.unknown", raw="8") in _said(screen)


def test_reveal_shows_the_number_only_while_held(screen: ProfileScreen, texts) -> None:
    screen.set_visit(sample_values.visit(texts))
    screen.set_revealed(True)
    assert any(sample_values.CITIZEN_NUMBER[6:14] in text for text in _said(screen))
    screen.set_revealed(False)
    assert not any(sample_values.CITIZEN_NUMBER[6:14] in text for text in _said(screen))
    screen.set_revealed(True)
    screen.set_visit(sample_values.visit(texts))
    assert not any(sample_values.CITIZEN_NUMBER[6:14] in text for text in _said(screen))


def test_services_are_offered_or_refused_with_the_reason(qtbot, screen: ProfileScreen, texts, sentences) -> None:
    screen.set_visit(sample_values.visit(texts))
    said = _said(screen.services)
    assert texts("services.temporary_loss") in said
    assert sentences.code("CARD-IS-NORMAL").text in said
    possible = [button.code for button in screen.services.findChildren(CodeButton)]
    assert possible == ["21", "90"]
    with qtbot.waitSignal(screen.service_chosen) as chosen:
        screen.services.findChild(CodeButton).click()
    assert chosen.args == ["21"]


def test_enter_on_the_suggestion_starts_it(qtbot, screen: ProfileScreen, texts) -> None:
    screen.set_visit(sample_values.visit(texts))
    button = screen.services.findChild(ActButton)
    with qtbot.waitSignal(screen.service_chosen) as chosen:
        qtbot.keyClick(button, Qt.Key.Key_Return)
    assert chosen.args == ["20"]


def test_focus_stays_with_its_service_when_they_are_judged_again(qtbot, screen: ProfileScreen, texts) -> None:
    visit = replace(sample_values.visit(texts), suggested=None)
    screen.set_visit(visit)
    screen.panel.show()
    screen.panel.activateWindow()
    qtbot.waitUntil(screen.panel.isActiveWindow)
    intake = next(each for each in screen.panel.findChildren(CodeButton) if each.code == "90")
    intake.setFocus()
    screen.set_visit(replace(visit, services=sample_values.services(texts, offline=True)))
    focus = screen.panel.focusWidget()
    assert isinstance(focus, CodeButton)
    assert focus is not intake
    assert focus.code == "90"


def test_refused_suggestion_is_not_offered(qtbot, screen: ProfileScreen, texts) -> None:
    visit = sample_values.visit(texts)
    screen.set_visit(replace(visit, suggested="22"))
    with qtbot.assertNotEmitted(screen.service_chosen):
        screen.services.start_suggested()


def test_offline_without_a_profile_says_what_is_missing(screen: ProfileScreen, texts, sentences) -> None:
    screen.set_visit(sample_values.visit(texts, offline=True, known=False))
    said = _said(screen)
    assert texts("ui.profile.only_card") in said
    assert said.count(texts("ui.profile.not_asked")) == 7
    assert not any(sentences.code("PROVINCE-AWAY").text in text for text in said), "the window says so already"


def test_check_done_before_the_connection_was_lost_is_not_denied(screen: ProfileScreen, texts) -> None:
    visit = sample_values.visit(texts, offline=True)
    screen.set_visit(visit)
    assert screen.notice == texts("ui.profile.kept")
    checked = replace(visit.identity, card_proof=CardProof(authenticated=True, checked=True))
    screen.set_visit(replace(visit, identity=checked))
    assert screen.notice == texts("ui.profile.kept_checked")


def test_without_a_suggestion_the_first_possible_service_gets_the_focus(qtbot, screen: ProfileScreen, texts) -> None:
    screen.set_visit(replace(sample_values.visit(texts), suggested=None))
    screen.services.show()
    screen.services.activateWindow()
    qtbot.waitUntil(screen.services.isActiveWindow)
    with qtbot.assertNotEmitted(screen.service_chosen):
        screen.services.start_suggested()
    first = screen.services.focusWidget()
    assert isinstance(first, CodeButton)
    with qtbot.waitSignal(screen.service_chosen) as chosen:
        qtbot.keyClick(first, Qt.Key.Key_Return)
    assert chosen.args == ["20"]


def test_offline_with_a_kept_copy_says_how_old_it_is(screen: ProfileScreen, texts) -> None:
    screen.set_visit(sample_values.visit(texts, offline=True))
    assert any(texts("ui.profile.cached", time="10:39:02") in text for text in _said(screen))


def test_forgetting_leaves_nothing_of_the_holder(screen: ProfileScreen, texts) -> None:
    visit: VisitView = sample_values.visit(texts)
    screen.set_visit(visit)
    screen.set_revealed(True)
    screen.forget()
    left = [label.text() for label in (*screen.findChildren(QLabel), *screen.services.findChildren(QLabel))]
    kept = [screen._table.item(row, 0) for row in range(screen._table.rowCount())]
    assert not [text for text in left if sample_values.NAME in text or sample_values.CITIZEN_NUMBER[6:14] in text]
    assert not [text for text in left if "3361" in text or "674" in text]
    assert kept == []


def test_problem_offers_to_read_again(qtbot, screen: ProfileScreen) -> None:
    screen.set_problem(Refusal("CARD-NOT-AUTHENTICATED"))
    assert screen.services.isHidden()
    button = next(each for each in screen.findChildren(ActButton) if not each.isHidden())
    with qtbot.waitSignal(screen.retry_wanted):
        button.click()
