"""The conformance kit: green on both wires, each defect found by exactly its own check, nothing written unasked."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import resources
from app.catalogue import texts
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.province.check.bench import Bench
from app.province.check.families import FAMILIES, numbers, run
from app.province.check.finding import Finding, Reason, Seen, Verdict, finding_of, refused, told
from app.province.check.persons import PersonsWrong, Role, TestPerson, TestPersons, read_persons
from app.province.endpoint import Endpoint
from app.province.http_line import Exchange
from app.province.port import NOT_OFFERED
from app.province.wire_names import REFERENCE
from app.province.wires import ProvinceClient, open_wire
from app.training.process import TrainingProvince
from app.verbs.entry import main
from tests.adapters.binzhou_server import Binzhou
from tests.adapters.installed import PACKAGE, metadata_of
from tests.contract.province.conftest import BINZHOU, Desk
from tests.contract.province.defects import DEFECTS, Defect, defective, maintained

SAMPLE = resources.path("guide", "test-persons.toml")


@pytest.fixture(scope="module")
def persons(shared_desk: Desk) -> TestPersons:
    """The sample's people, and one whose holder died."""
    rows = shared_desk.get("/training/holders?limit=5000")
    dead = next(row for row in rows if row["profile"] == "gen3-sealed")
    shared_desk.post(f"/training/cards/{dead['card_id']}/death", {}).raise_for_status()
    other = next(row for row in rows if row["profile"] is None and row["social"] == "normal" and row["card_id"])
    shared_desk.taken.add(other["card_id"])
    for social in ("lost_formal", "cancelled"):
        shared_desk.post(f"/training/cards/{other['card_id']}/state", {"social": social}).raise_for_status()
    for row in (row for row in rows if row["card_id"] and row["profile"] is None):
        whom = {"whom": {"card_id": row["card_id"]}, "purpose": "test"}
        if row["bank"] != "unknown" and shared_desk.post("/v1/progress", whom).json()["requests"]:
            break
    else:
        raise AssertionError("no request under way among the holders")
    shared_desk.taken.add(row["card_id"])
    making = TestPerson(Role.MAKING, row["card_id"], row["citizen_number"], row["name"], SocialState(row["social"]))
    sample = read_persons(SAMPLE)
    normal = sample.of(Role.NORMAL)
    assert normal is not None
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    booking = {"serial": "check", "whom": {"card_id": normal.card_id}, "point": "P1", "day": day, "slot": "09:00"}
    shared_desk.post("/v1/appointments", {**booking, "service": "replace"}).raise_for_status()
    shared_desk.post("/training/notices", {"kind": "notice", "title": "停机", "text": "今晚停机"}).raise_for_status()
    ended = TestPerson(Role.ENDED, dead["card_id"], dead["citizen_number"], dead["name"], SocialState(dead["social"]))
    return replace(sample, persons=(*sample.persons, making, ended))


@pytest.fixture
def found(persons: TestPersons) -> Callable[..., dict[str, Finding]]:
    """Runs every check of the reference wire against an address."""

    def check(
        url: str, writing: bool = True, maintenance: str | None = None, wanted: Collection[str] | None = None
    ) -> dict[str, Finding]:
        exchanges: list[Exchange] = []
        with ExitStack() as stack:

            def opened(address: str) -> ProvinceClient:
                return stack.enter_context(
                    closing(open_wire(Endpoint(address, persons.device, True, watch=exchanges.append)))
                )

            resting = None if maintenance is None else opened(maintenance)
            bench = Bench(opened(url), persons, SystemClock(), exchanges, resting)
            return {finding.number: finding for finding in run(bench, writing, wanted)}

    return check


def but_passed(found: dict[str, Finding]) -> dict[str, tuple[Verdict, Reason | None]]:
    return {
        number: (finding.verdict, finding.reason)
        for number, finding in found.items()
        if finding.verdict is not Verdict.PASS
    }


def test_the_training_province_passes_every_check(
    province: TrainingProvince, found: Callable[..., dict[str, Finding]]
) -> None:
    with defective(province.url, maintained(**{"Retry-After": "600"})) as resting:
        done = found(province.url, maintenance=resting)
    assert tuple(done) == numbers()
    assert but_passed(done) == {}


def test_without_leave_nothing_is_written(
    province: TrainingProvince, desk: Desk, found: Callable[..., dict[str, Finding]]
) -> None:
    before = desk.get("/training/ledger"), desk.get("/training/alarms"), desk.get("/v1/changes?after=0&limit=500")
    done = found(province.url, writing=False)
    assert (desk.get("/training/ledger"), desk.get("/training/alarms")) == before[:2]
    assert desk.get("/v1/changes?after=0&limit=500") == before[2]
    writing = {number for family in FAMILIES for number, case in family.numbered() if case.writes}
    assert {number for number, finding in done.items() if finding.reason is Reason.WRITES} == writing
    assert all(done[number].verdict is Verdict.PASS for number in set(done) - writing - {"L2"})


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)], ids=["family", "whole"])
@pytest.mark.parametrize(("number", "defect"), DEFECTS, ids=[number for number, _defect in DEFECTS])
def test_a_defect_fails_its_own_check_and_no_other(
    province: TrainingProvince,
    found: Callable[..., dict[str, Finding]],
    number: str,
    defect: Callable[[], Defect],
    whole: bool,
) -> None:
    """Among the checks of its family, and of replies that only show in others; with --long among all."""
    near = [other for other in numbers() if other[0] == number[0] or (number[0], other) == ("L", "Q8")]
    with defective(province.url, defect()) as url:
        done = found(url, wanted=None if whole else near)
    failed = {name: finding.seen for name, finding in done.items() if finding.verdict is Verdict.FAIL}
    assert set(failed) == {number}, failed
    assert failed[number]
    assert but_passed(done).keys() - failed.keys() <= {"L2"}


def test_every_check_has_a_defect_that_it_finds() -> None:
    assert {number for number, _defect in DEFECTS} | {"L2"} == set(numbers())


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}])
def test_a_maintenance_that_does_not_say_when_is_found(
    province: TrainingProvince, found: Callable[..., dict[str, Finding]], headers: dict[str, str]
) -> None:
    with defective(province.url, maintained(**headers)) as resting:
        done = found(province.url, writing=False, maintenance=resting)
    assert but_passed(done)["L2"] == (Verdict.FAIL, None)


def test_each_check_and_verdict_has_its_words() -> None:
    known = texts.load().entries
    for number in numbers():
        assert {f"verbs.province.check.{part}.{number.lower()}" for part in ("case", "do")} <= set(known)
    assert {f"verbs.province.check.reason.{reason.value}" for reason in Reason} <= set(known)
    assert {f"verbs.province.check.verdict.{verdict.value}" for verdict in Verdict} <= set(known)


def test_evidence_is_codes_and_never_the_provinces_own_words() -> None:
    assert told(Refusal.of("PROVINCE-REFUSED", status=422, reason="OP-X")) == "PROVINCE-REFUSED 422 OP-X"
    assert told(Refusal.of("PROVINCE-REFUSED", status=422, reason="张三 is dead")) == "PROVINCE-REFUSED 422"
    assert told(Refusal.of("PROVINCE-NONSENSE", field="name")) == "PROVINCE-NONSENSE name"
    assert finding_of("Q1", refused(Refusal(NOT_OFFERED))) == Finding("Q1", Verdict.NOT_OFFERED, Reason.NOT_OFFERED)
    assert finding_of("Q1", Seen(("a",), ("b",))) == Finding("Q1", Verdict.FAIL, None, ("b",))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("device = 7", "device"),
        ("person = 7", "person"),
        ("[[person]]\nrole = 'king'", "person 1: role"),
        ("[[person]]\nrole = 'normal'\nsocial = 'normal'", "person 1: card_id"),
        ("[hsm]\nregion = '350100'", "history"),
        ("this is no TOML", "persons.toml"),
    ],
)
def test_a_file_of_test_persons_is_named_where_it_is_wrong(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "persons.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(PersonsWrong, match=named):
        read_persons(file)


class TestVerb:
    """`yikatong province check`."""

    @pytest.fixture
    def spoken(self, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
        def speak(*arguments: str) -> tuple[int, str, str]:
            code = main(["province", "check", *arguments])
            said = capsys.readouterr()
            return code, said.out, said.err

        return speak

    def test_the_table_and_the_files_tell_the_same_and_nobody(
        self, province: TrainingProvince, spoken: Callable[..., tuple[int, str, str]], tmp_path: Path
    ) -> None:
        for name in ("found.json", "found.md"):
            url = province.url.replace("//", "//somebody:secret@")
            code, out, err = spoken(url, "--persons", str(SAMPLE), "--out", str(tmp_path / name))
            assert (code, err) == (0, "")
            assert "Q10" in out
            assert "不通过 0 项" in out
        kept = json.loads((tmp_path / "found.json").read_text("utf-8"))
        assert [row["check"] for row in kept["checks"]] == list(numbers())
        assert (kept["wire"], kept["writing"], kept["fail"]) == (REFERENCE, False, 0)
        page = (tmp_path / "found.md").read_text("utf-8")
        assert page.startswith("# 省平台接口检查结果\n")
        assert len([line for line in page.splitlines() if line.startswith("| ")]) == len(numbers()) + 2
        assert kept["url"] == province.url
        assert "secret" not in page + out
        for person in read_persons(SAMPLE).persons:
            for secret in (person.name, person.citizen_number, person.card_id):
                assert secret not in page + out + (tmp_path / "found.json").read_text("utf-8")

    def test_a_failed_check_is_exit_code_1_and_says_what_to_do(
        self, province: TrainingProvince, spoken: Callable[..., tuple[int, str, str]]
    ) -> None:
        clock = dict(DEFECTS)["Q1"]
        with defective(province.url, clock()) as url:
            code, out, _err = spoken(url, "--case", "q1, Q8")
        assert code == 1
        assert "校准省平台或本机的时钟" in out
        assert "通过 1 项，不通过 1 项" in out

    def test_the_other_wire_passes_what_it_offers(
        self,
        binzhou: tuple[str, Binzhou],
        spoken: Callable[..., tuple[int, str, str]],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.syspath_prepend(metadata_of(PACKAGE, tmp_path / "site"))
        options = ("--wire", BINZHOU, "--code-map", BINZHOU, "--persons", str(SAMPLE), "--write", "--json")
        # A client that has just begun does not send what may have been sent before it.
        code, out, err = spoken(binzhou[0], *options)
        assert (code, err) == (0, ""), out
        verdicts = {row["check"]: row["verdict"] for row in json.loads(out)["checks"]}
        offered = {number for number, verdict in verdicts.items() if verdict == "pass"}
        beside = {number for number in numbers() if number[0] in "AS"}
        assert {number for number, verdict in verdicts.items() if verdict == "not_offered"} == beside
        assert set(verdicts) - offered <= {*beside, "L2", "D2"}

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            (("ftp://127.0.0.1",), "INPUT-WRONG"),
            (("http://127.0.0.1:9",), "PROVINCE-AWAY"),
            (("http://127.0.0.1:9", "--wire", "morse"), "INPUT-WRONG"),
            (("http://127.0.0.1:9", "--code-map", "morse"), "INPUT-WRONG"),
            (("http://127.0.0.1:9", "--case", "Q1,Z9"), "INPUT-WRONG"),
            (("http://127.0.0.1:9", "--out", "found.doc"), "INPUT-WRONG"),
            (("http://127.0.0.1:9", "--write"), "CHECK-NO-PERSONS"),
            (("http://127.0.0.1:9", "--persons", "no such file"), "CHECK-PERSONS-WRONG"),
        ],
    )
    def test_what_cannot_be_checked_is_one_line_and_exit_code_2(
        self, spoken: Callable[..., tuple[int, str, str]], options: tuple[str, ...], code: str
    ) -> None:
        ended, out, err = spoken(*options)
        assert (ended, out) == (2, "")
        assert err.startswith(f"{code} ")
        assert err.count("\n") == 1
