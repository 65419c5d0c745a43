"""Tables load typed, and a table that contradicts itself is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

import resources
from app.catalogue import sentences, services, tables, texts
from app.catalogue.services import Guard, OfflineClass
from app.domain.operation import OperationKind
from app.domain.refusal import Refusal
from app.domain.states import SocialState


def test_every_state_is_either_allowed_or_refused_with_a_sentence() -> None:
    catalogue, words = services.load(), sentences.load()
    for service in catalogue.services.values():
        for state in SocialState:
            assert (state in service.allowed_from) != (state in service.refusals)
        for code in service.refusals.values():
            assert words.code(code).text != words.code("UNKNOWN").text


def test_every_guard_is_asked_by_a_service_and_tells_a_sentence() -> None:
    catalogue, words = services.load(), sentences.load()
    asked = {row for service in catalogue.services.values() for row in service.guards}
    assert {row.guard for row in asked} == set(Guard)
    for code in (row.code for row in asked if row.code is not None):
        assert words.code(code).text != words.code("UNKNOWN").text


def test_release_needs_the_card_and_the_province() -> None:
    catalogue = services.load()
    release = catalogue.services[OperationKind.RELEASE_LOSS]
    assert release.needs_card
    assert catalogue.commands[release.command].offline is OfflineClass.NEVER
    assert release.allowed_from == {SocialState.LOST_TEMPORARY}


def test_permissions_are_those_of_all_roles() -> None:
    catalogue = services.load()
    assert "loss.release" in catalogue.permissions(("clerk",))
    assert "loss.release" not in catalogue.permissions(("reviewer", "guide"))
    assert catalogue.permissions(("nobody",)) == frozenset()


def test_roles_are_called_as_their_table_says_in_its_order() -> None:
    catalogue, words = services.load(), texts.load()
    assert [words(title) for title in catalogue.titles({"lead", "nobody", "clerk"})] == ["经办岗", "值班长"]
    assert catalogue.titles(("nobody",)) == ()
    assert all(words(row.title) and texts.load("en")(row.title) for row in catalogue.roles.values())


def test_a_sentence_has_its_facts_and_its_remedy() -> None:
    sentence = sentences.load().of(Refusal.of("CARD-STATE-UNKNOWN", raw="7"))
    assert "7" in sentence.text
    assert sentence.remedy
    assert sentence.line.startswith("CARD-STATE-UNKNOWN ")


def test_a_code_without_a_sentence_is_shown_with_its_code() -> None:
    assert "NEVER-HEARD-OF" in sentences.load().code("NEVER-HEARD-OF").text
    assert sentences.load("en").code("QUEUE-EMPTY").text == "Nobody is waiting."


def test_texts_fill_their_placeholders_and_a_missing_key_is_a_defect() -> None:
    words = texts.load()
    assert words("states.social.unknown", raw="x") == "未知状态（原码x）"
    with pytest.raises(KeyError):
        words("no.such.key")


def _catalogue_with(folder: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str) -> None:
    (folder / "catalogue").mkdir()
    for source in resources.path("catalogue").glob("*.toml"):
        (folder / "catalogue" / source.name).write_bytes(source.read_bytes())
    (folder / "catalogue" / file).write_text(text, encoding="utf-8")
    monkeypatch.setattr(resources, "ROOT", folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "names"),
    [
        ("services.toml", 'from = ["normal"]', 'from = ["normal", "sealed"]', "temporary_loss"),
        ("services.toml", 'sealed = "CARD-SEALED"\n', "", "sealed"),
        ("services.toml", 'command = "release_loss"', 'command = "release"', "release_loss"),
        ("services.toml", '"card_proved"]', '"card_prooved"]', "card_prooved"),
        ("guards.toml", "[person_alive]", "[person_living]", "person_living"),
        ("guards.toml", 'code = "PERSON-DEAD"\n', "", "person_alive"),
        ("forms.toml", 'choices = "business"', 'choices = "trade"', "business"),
        ("forms.toml", 'value = "lost"', 'value = "gone"', "reason"),
        ("forms.toml", "longest = 60\n", "", "note"),
        ("forms.toml", 'wrong = "FIELD-NOT-PHONE"\n', "", "phone"),
        ("forms.toml", "on_paper = true", "on_papper = true", "on_papper"),
        ("forms.toml", 'required = ["business"]', 'required = ["trade"]', "intake"),
        ("forms.toml", "[forms.intake]", "[forms.release_loss.x]", "forms"),
        ("roles.toml", 'title = "', 'name = "', "clerk"),
    ],
)
def test_a_table_that_contradicts_itself_names_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, names: str
) -> None:
    text = resources.path("catalogue", file).read_text(encoding="utf-8")
    assert old in text
    _catalogue_with(tmp_path, monkeypatch, file, text.replace(old, new, 1))
    with pytest.raises(tables.TableError, match=names):
        services.load()


def test_a_key_given_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "i18n" / "xx"
    folder.mkdir(parents=True)
    (folder / "a.toml").write_text('[part]\nkey = "1"\n')
    (folder / "b.toml").write_text('[part]\nkey = "2"\n')
    monkeypatch.setattr(resources, "ROOT", tmp_path)
    with pytest.raises(tables.TableError, match=r"b\.toml"):
        texts.load("xx")


@pytest.mark.parametrize("narrow", [tables.table, tables.string, tables.strings, tables.rows])
def test_a_value_of_another_type_is_refused_with_its_place(narrow: object) -> None:
    assert callable(narrow)
    with pytest.raises(tables.TableError, match="the place"):
        narrow(3, "the place")
