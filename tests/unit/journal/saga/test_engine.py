"""The engine over a real journal: intent before, evidence after, the way back, and whoever is asked in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlcipher3 import dbapi2

from app.catalogue.sagas import Sagas, definition
from app.catalogue.services import OfflineClass
from app.domain.digest import payload_sm3
from app.domain.province_stop import ProvinceStop, StopKind
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.saga_engine import ByHand, SagaEngine
from app.journal.saga_plan import HAS_TO_BE_DONE, NEEDS_TWO, NOBODY_CAN_TELL
from app.journal.saga_rows import SagaOutOfOrder
from app.journal.saga_values import Act, Question, SagaState, StepActs, StepRow, StepState, ToldBy, Verdict
from app.journal.two_person_tasks import Settlement
from tests.unit.journal.saga.scenery import LIMITS, Stage, content, issuing, row


@pytest.fixture
def stage(journal: Journal) -> Stage:
    return Stage(journal)


def settle(stage: Stage, verdict: Verdict, first: str = "p-1", second: str = "p-2") -> Refusal | None:
    def close(tx):
        (task,) = tx.sagas.tasks()
        return tx.sagas.close_task(task, Settlement(first, second, verdict, "asked by telephone"))

    return stage.journal.run(close).result()


def test_a_saga_goes_step_by_step_to_its_end(stage: Stage) -> None:
    view = stage.run()
    assert view.state is SagaState.DONE
    assert stage.world.steps == ["reserve", "open", "personalise", "activate"]
    assert stage.shown() == [(step, 1, "done") for step in stage.world.steps]
    assert len({step.idem_key for step in view.steps}) == 4
    assert view.saga.ended_at is not None
    assert stage.journal.run(lambda tx: tx.sagas.moving(due=False)).result() == ()
    assert stage.engine.advance("saga-1") == view


def test_intent_is_committed_before_the_world_is_touched_and_evidence_is_digested(
    stage: Stage, raw: Callable[[], dbapi2.Connection]
) -> None:
    seen: list[tuple[str, str]] = []
    do = stage.world.do

    def looking(call):
        reading = raw()
        seen.append(reading.execute("SELECT step, state FROM saga_step ORDER BY n DESC LIMIT 1").fetchone())
        reading.close()
        return do(call)

    stage.world.do = looking  # type: ignore[method-assign]
    stage.run()
    assert seen == [(step, "intended") for step in stage.world.steps]
    rows = raw().execute("SELECT evidence, evidence_sm3 FROM saga_step").fetchall()
    assert [evidence for evidence, _ in rows] == [f'{{"at":"{step}"}}' for step in stage.world.steps]
    assert all(digest == payload_sm3(evidence) for evidence, digest in rows)


def test_refused_at_the_pivot_what_was_done_is_taken_back_in_reverse(stage: Stage) -> None:
    stage.world.told = ["apply", "apply", "refuse"]
    view = stage.run()
    assert view.state is SagaState.UNDONE
    assert stage.world.steps == ["reserve", "open", "close", "unreserve"]
    assert set(stage.shown()) == {
        ("reserve", 1, "compensated"),
        ("open", 1, "compensated"),
        ("personalise", 1, "failed"),
        ("close", 1, "done"),
        ("unreserve", 1, "done"),
    }
    assert view.refusal == Refusal.of("WORLD-REFUSES", step="personalise")
    undo = next(call for call in stage.world.calls if call.step == "unreserve")
    done = view.last("reserve")
    assert done is not None
    assert (undo.undone, undo.undone_key) == ({"at": "reserve"}, done.idem_key)
    assert undo.idem_key != done.idem_key


def test_refused_at_first_there_is_nothing_to_take_back(stage: Stage) -> None:
    stage.world.told = ["refuse"]
    assert stage.run().state is SagaState.UNDONE
    assert stage.world.effects == {}


def test_a_reply_that_was_lost_is_asked_for_and_not_done_again(stage: Stage) -> None:
    stage.world.told = ["reply_lost"]
    assert stage.run().state is SagaState.DONE
    assert stage.world.probes == ["reserve"]
    assert set(stage.world.effects.values()) == {1}
    assert stage.shown()[0] == ("reserve", 1, "done")


def test_a_request_that_never_came_is_made_again_under_the_same_key(stage: Stage) -> None:
    stage.world.told = ["never_comes"]
    view = stage.run()
    assert view.state is SagaState.DONE
    assert stage.shown()[:2] == [("reserve", 1, "not_done"), ("reserve", 2, "done")]
    assert len({step.idem_key for step in view.steps if step.step == "reserve"}) == 1


def test_a_step_that_never_comes_about_is_given_up_and_the_rest_taken_back(stage: Stage) -> None:
    stage.world.told = ["apply", "never_comes", "never_comes"]
    assert stage.run().state is SagaState.UNDONE
    assert stage.world.steps == ["reserve", "unreserve"]


def test_a_world_that_does_not_answer_is_asked_again_later_and_then_two_persons_are(stage: Stage) -> None:
    stage.world.told, stage.world.away = ["apply", "reply_lost"], True
    view = stage.run()
    assert view.state is SagaState.RUNNING
    assert view.trouble == Refusal("WORLD-AWAY")
    assert stage.engine.advance("saga-1").state is SagaState.TWO_PERSONS
    assert stage.world.probes == ["open", "open"]
    (task,) = stage.journal.run(lambda tx: tx.sagas.tasks()).result()
    assert (task.step, task.question, task.reason) == ("open", Question.HAPPENED, NOBODY_CAN_TELL)
    assert stage.journal.run(lambda tx: tx.summary()).result().tasks == 1
    stage.engine.run_due()
    assert stage.world.probes == ["open", "open"]


def test_what_even_the_world_cannot_tell_goes_to_two_persons_at_once(stage: Stage) -> None:
    stage.world.told, stage.world.murky = ["reply_lost"], {"reserve"}
    assert stage.run().state is SagaState.TWO_PERSONS
    assert stage.world.probes == ["reserve"]


@pytest.mark.parametrize(
    ("verdict", "end", "steps"),
    [
        (Verdict.YES, SagaState.DONE, ["reserve", "open", "personalise", "activate"]),
        (Verdict.NO, SagaState.UNDONE, ["reserve", "unreserve"]),
    ],
)
def test_two_persons_say_what_happened_and_it_goes_on_from_there(
    stage: Stage, verdict: Verdict, end: SagaState, steps: list[str]
) -> None:
    stage.world.told = ["apply", "reply_lost" if verdict is Verdict.YES else "never_comes"]
    stage.world.murky = {"open"}
    assert stage.run().state is SagaState.TWO_PERSONS
    assert settle(stage, verdict) is None
    assert stage.engine.run_due() is None
    assert stage.view().state is end
    assert stage.world.steps == steps
    told = stage.view().last("open")
    assert told is not None
    assert told.told_by is ToldBy.PEOPLE


@pytest.mark.parametrize(("first", "second"), [("p-1", "p-1"), ("35010219900101122x", "35010219900101122X"), ("", "p")])
def test_one_person_is_not_two(stage: Stage, first: str, second: str) -> None:
    stage.world.told, stage.world.murky = ["reply_lost"], {"reserve"}
    stage.run()
    assert settle(stage, Verdict.YES, first, second) == Refusal("SECOND-PERSON-SAME")
    assert stage.view().state is SagaState.TWO_PERSONS
    assert len(stage.journal.run(lambda tx: tx.sagas.tasks()).result()) == 1


def test_a_task_is_closed_once_and_names_nobody_in_clear(stage: Stage, raw: Callable[[], dbapi2.Connection]) -> None:
    stage.world.told, stage.world.murky = ["reply_lost"], {"reserve"}
    stage.run()
    (task,) = stage.journal.run(lambda tx: tx.sagas.tasks()).result()
    said = Settlement("35010219900101122X", "350102196802290057", Verdict.YES, "")
    assert stage.journal.run(lambda tx: tx.sagas.close_task(task, said)).result() is None
    assert stage.journal.run(lambda tx: tx.sagas.close_task(task, said)).result() == Refusal("TASK-CLOSED")
    stored = raw().execute("SELECT first_person, second_person FROM two_person_task").fetchone()
    assert len(set(stored)) == 2
    assert not {said.first, said.second} & set(stored)


def test_the_database_itself_wants_two(stage: Stage, raw: Callable[[], dbapi2.Connection]) -> None:
    stage.world.told, stage.world.murky = ["reply_lost"], {"reserve"}
    stage.run()
    closing = "UPDATE two_person_task SET closed_at = 'now', verdict = 'yes', first_person = ?, second_person = ?"
    for first, second in (("a", "a"), ("a", None), (None, None)):
        with pytest.raises(dbapi2.IntegrityError):
            raw().execute(closing, (first, second))


def test_what_comes_after_the_pivot_has_to_be_done(stage: Stage) -> None:
    stage.world.told = ["apply", "apply", "apply", "refuse"]
    assert stage.run().state is SagaState.TWO_PERSONS
    (task,) = stage.journal.run(lambda tx: tx.sagas.tasks()).result()
    assert (task.step, task.reason) == ("activate", HAS_TO_BE_DONE)
    assert settle(stage, Verdict.NO) is None
    assert stage.engine.advance("saga-1").state is SagaState.DONE
    assert stage.shown()[-2:] == [("activate", 1, "failed"), ("activate", 2, "done")]
    assert "close" not in stage.world.steps


def test_a_compensation_that_is_refused_waits_for_two_persons_and_is_never_dropped(stage: Stage) -> None:
    stage.world.told = ["apply", "apply", "refuse", "refuse"]
    assert stage.run().state is SagaState.TWO_PERSONS
    assert stage.view().state is SagaState.TWO_PERSONS
    stage.world.told = ["never_comes", "never_comes"]
    assert settle(stage, Verdict.NO) is None
    assert stage.engine.advance("saga-1").state is SagaState.TWO_PERSONS
    assert settle(stage, Verdict.YES) is None
    assert stage.engine.advance("saga-1").state is SagaState.UNDONE
    assert stage.world.steps == ["reserve", "open", "unreserve"]
    assert ("open", 1, "compensated") in stage.shown()


def test_what_is_on_its_way_is_left_alone_until_it_is_told(stage: Stage) -> None:
    stage.world.told = ["on_its_way"]
    view = stage.run()
    assert view.state is SagaState.RUNNING
    assert stage.world.probes == []
    waits = stage.engine.run_due()
    assert waits is not None
    assert waits > 0
    assert stage.world.probes == []
    assert stage.engine.advance("saga-1").state is SagaState.DONE


def test_a_step_that_needs_two_begins_when_two_have_allowed_it(stage: Stage) -> None:
    steps = (row("reserve", "reversible", compensation="unreserve"), row("personalise", "pivot", second_person=True))
    stage.definitions = Sagas.of([definition(content(*steps), "test")])
    assert stage.run().state is SagaState.TWO_PERSONS
    (task,) = stage.journal.run(lambda tx: tx.sagas.tasks()).result()
    assert (task.question, task.reason) == (Question.MAY_BEGIN, NEEDS_TWO)
    assert stage.world.steps == ["reserve"]
    assert settle(stage, Verdict.YES) is None
    assert stage.engine.advance("saga-1").state is SagaState.DONE
    assert stage.run("saga-2").state is SagaState.TWO_PERSONS
    assert settle(stage, Verdict.NO) is None
    assert stage.engine.advance("saga-2").state is SagaState.UNDONE
    assert stage.world.steps[2:] == ["reserve", "unreserve"]


def test_a_step_that_is_never_begun_offline_waits_but_the_way_back_does_not(stage: Stage) -> None:
    steps = (
        row("reserve", "reversible", compensation="unreserve"),
        row("personalise", "pivot", offline="never", asks=1),
    )
    stage.definitions, stage.online = Sagas.of([definition(content(*steps), "test")]), False
    assert stage.run().state is SagaState.RUNNING
    assert stage.world.steps == ["reserve"]
    stage.online, stage.world.told = True, ["refuse"]
    stage.journal.run(lambda tx: tx.sagas.drop_holds()).result()
    stage.engine.run_due()
    assert stage.world.steps == ["reserve", "unreserve"]


def test_unattended_a_saga_for_clerks_only_is_never_begun_nor_gone_on_with(stage: Stage) -> None:
    stage.definitions = Sagas.of([issuing(unattended=False)])
    stage.begin()
    assert stage.engine.advance("saga-1").state is SagaState.UNDONE
    stage.world.told, stage.world.away = ["apply", "reply_lost"], True
    assert stage.run("saga-2").state is SagaState.RUNNING
    stage.world.away = False
    assert stage.engine.advance("saga-2").state is SagaState.RUNNING
    assert stage.world.steps == ["reserve", "open"]
    assert stage.engine.advance("saga-2", attended=True).state is SagaState.DONE


def test_one_saga_at_a_time_for_an_ordering_key(stage: Stage, raw: Callable[[], dbapi2.Connection]) -> None:
    assert stage.begin("saga-1") is None
    assert stage.begin("saga-2") == Refusal("SAGA-UNDER-WAY")
    assert stage.begin("saga-3", "person-2") is None
    stage.engine.advance("saga-1")
    assert stage.begin("saga-2") is None
    with pytest.raises(dbapi2.IntegrityError):
        raw().execute("UPDATE saga SET order_key = 'person-1', saga_id = 'x' WHERE saga_id = 'saga-3'")


def test_a_new_saga_is_left_to_its_clerk_for_a_while(stage: Stage) -> None:
    stage.begin()
    assert stage.engine.run_due() is not None
    assert stage.world.steps == []
    stage.journal.run(lambda tx: tx.sagas.drop_holds()).result()
    stage.engine.run_due()
    assert stage.world.steps == []
    assert stage.engine.moving() == 1


def test_a_defect_in_a_step_is_not_taken_for_an_answer(stage: Stage) -> None:
    stage.world.told = ["raise"]
    stage.begin()
    with pytest.raises(ZeroDivisionError):
        stage.engine.advance("saga-1")
    assert stage.shown() == [("reserve", 1, "intended")]
    assert stage.engine.advance("saga-1").state is SagaState.DONE
    assert stage.world.probes == ["reserve"]
    assert stage.shown()[:2] == [("reserve", 1, "not_done"), ("reserve", 2, "done")]


def test_two_threads_never_carry_the_same_saga(stage: Stage) -> None:
    entered, go_on = threading.Event(), threading.Event()
    do = stage.world.do

    def slowly(call):
        entered.set()
        go_on.wait(5)
        return do(call)

    stage.world.do = slowly  # type: ignore[method-assign]
    stage.begin()
    engine = stage.engine
    both = [threading.Thread(target=engine.advance, args=("saga-1", True)) for _ in range(2)]
    both[0].start()
    assert entered.wait(5)
    both[1].start()
    go_on.set()
    for thread in both:
        thread.join(10)
    assert stage.view().state is SagaState.DONE
    assert set(stage.world.effects.values()) == {1}
    assert engine._locks.held == {}


def test_a_saga_under_way_keeps_its_version_and_a_new_one_takes_the_newest(stage: Stage) -> None:
    stage.world.told = ["on_its_way"]
    stage.run("old")
    shorter = definition(content(row("reserve", "reversible"), version=2), "test")
    stage.definitions = Sagas.of([issuing(), shorter])
    assert stage.begin("new", "person-2") is None
    assert stage.engine.advance("new").state is SagaState.DONE
    assert (stage.view("new").saga.def_version, len(stage.shown("new"))) == (2, 1)
    assert stage.engine.advance("old").state is SagaState.DONE
    assert [step for step, _, _ in stage.shown("old")] == ["reserve", "open", "personalise", "activate"]


def test_a_saga_whose_definition_is_not_carried_is_left_alone(stage: Stage) -> None:
    stage.begin()
    needed = stage.journal.run(lambda tx: tx.sagas.needed_definitions()).result()
    assert needed == (("issue", 1),)
    full, stage.definitions = stage.definitions, Sagas.of([issuing(version=2)])
    assert stage.definitions.missing(needed) == Refusal.of("SAGA-DEFINITION-MISSING", name="issue", version=1)
    stage.engine.run_due()
    assert (stage.world.steps, stage.engine.moving()) == ([], 0)
    stage.definitions = full
    assert full.missing(needed) is None
    stage.engine.advance("saga-1")
    assert stage.journal.run(lambda tx: tx.sagas.needed_definitions()).result() == ()


def test_an_act_that_is_at_hand_only_now_is_done_once_and_asked_about_later(stage: Stage) -> None:
    acts = {**stage.world.acts(), "reserve": StepActs(None, stage.world.probe)}
    engine = SagaEngine(stage.journal, stage.definitions, acts, lambda: True, LIMITS, jitter=lambda low, _high: low)
    stage.begin()
    stage.world.told = ["reply_lost"]
    assert engine.advance("saga-1", True, ByHand(stage.world.do, "reserve")).state is SagaState.RUNNING
    assert stage.world.probes == []
    assert engine.advance("saga-1", True).state is SagaState.DONE
    assert set(stage.world.effects.values()) == {1}


def test_its_end_and_its_standing_still_are_audited(stage: Stage, raw: Callable[[], dbapi2.Connection]) -> None:
    stage.world.told, stage.world.murky = ["reply_lost"], {"reserve"}
    stage.run()
    settle(stage, Verdict.YES)
    stage.engine.advance("saga-1")
    rows = raw().execute("SELECT event, actor, op_id, result FROM audit ORDER BY n").fetchall()
    assert rows == [("saga.issue", "saga", "saga-1", "two_persons"), ("saga.issue", "saga", "saga-1", "done")]
    assert stage.journal.run(lambda tx: tx.verify()).result().ok


def test_rows_are_never_deleted_nor_rewritten(stage: Stage, raw: Callable[[], dbapi2.Connection]) -> None:
    stage.world.told = ["apply", "apply", "refuse"]
    stage.run()
    for statement in (
        "DELETE FROM saga",
        "DELETE FROM saga_step",
        "UPDATE saga SET state = 'running', ended_at = NULL",
        "UPDATE saga SET input = '{}'",
        "UPDATE saga_step SET idem_key = 'x'",
        "UPDATE saga_step SET state = 'done' WHERE state = 'failed'",
        "UPDATE saga_step SET evidence = '{}' WHERE state = 'done'",
    ):
        with pytest.raises(dbapi2.IntegrityError):
            raw().execute(statement)


def test_out_of_order_is_a_defect(stage: Stage) -> None:
    stage.run()
    done = StepRow(0, Act.DO, 1, StepState.DONE, "key", step="reserve")
    for work in (
        lambda tx: tx.sagas.end("saga-1", done, StepState.DONE, {}),
        lambda tx: tx.sagas.doubt("saga-1", done, 0, {}),
        lambda tx: tx.sagas.move("saga-1", SagaState.RUNNING),
    ):
        with pytest.raises(SagaOutOfOrder):
            stage.journal.run(work).result()
    with pytest.raises(KeyError):
        stage.view("never begun")


def test_an_intended_step_is_unknown_after_a_restart_and_asked_about(
    open_journal: Callable[[], Journal],
) -> None:
    first = Stage(open_journal())
    first.world.told = ["raise"]
    first.begin()
    with pytest.raises(ZeroDivisionError):
        first.engine.advance("saga-1")
    first.journal.close()
    again = Stage(open_journal(), first.world)
    assert again.shown() == [("reserve", 1, "unknown")]
    again.engine.run_due()
    assert again.view().state is SagaState.DONE
    assert again.world.probes == ["reserve"]


def test_nothing_is_begun_that_cannot_be_over_before_an_announced_stop(stage: Stage) -> None:
    now = stage.journal.run(lambda tx: tx.province_now()).result()
    needs_province = issuing(2, longest_s=120)
    step = replace(needs_province.steps[0], offline=OfflineClass.NEVER)
    stage.definitions = Sagas.of([replace(needs_province, steps=(step, *needs_province.steps[1:]))])

    def announced(in_s: float) -> None:
        starts = now + timedelta(seconds=in_s)
        stop = ProvinceStop(StopKind.NIGHTLY, starts, starts + timedelta(hours=1))
        stage.journal.run(lambda tx: tx.keep_stops([stop])).result()

    announced(110)
    refusal = stage.begin()
    assert refusal is not None
    assert refusal.code == "SAGA-BEFORE-STOP"
    assert stage.journal.run(lambda tx: tx.sagas.moving(due=False)).result() == ()
    announced(600)
    assert stage.begin() is None


def test_what_needs_no_province_is_begun_while_it_stands_still(stage: Stage) -> None:
    now = stage.journal.run(lambda tx: tx.province_now()).result()
    stop = ProvinceStop(StopKind.MAINTENANCE, now - timedelta(hours=1), now + timedelta(hours=1))
    stage.journal.run(lambda tx: tx.keep_stops([stop])).result()
    assert stage.begin() is None
