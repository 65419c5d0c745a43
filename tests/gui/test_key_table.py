"""One table drives shortcuts, key bar and help."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from ui import key_table
from ui.key_table import Action, Place
from ui.widgets.key_bar import KeyBar


def test_every_action_has_one_key() -> None:
    table = key_table.load()
    assert [row.action for row in table].sort() == list(Action).sort()
    assert {row.action for row in table} == set(Action)
    assert len({QKeySequence(row.keys).toString() for row in table}) == len(table)


def test_keys_of_the_clerk_are_those_of_the_trade() -> None:
    keys = {row.action: row.keys for row in key_table.load()}
    expected = {
        Action.HELP: "F1",
        Action.READ_CARD: "F2",
        Action.READ_ID: "Shift+F2",
        Action.SCAN: "F3",
        Action.CALL_NEXT: "F4",
        Action.REFRESH: "F5",
        Action.RECALL: "F6",
        Action.NO_SHOW: "Shift+F7",
        Action.PRINT: "F8",
        Action.NEXT: "F9",
        Action.LOCK: "F11",
        Action.PALETTE: "Ctrl+K",
        Action.BACK: "Esc",
        Action.SECOND_PERSON: "F12",
    }
    assert {action: keys[action] for action in expected} == expected
    # F7 is the trade's key for hold: no other action may take it meanwhile.
    assert not {"F7", "F10"} & set(keys.values())


def test_keys_are_written_as_people_say_them() -> None:
    assert key_table.shown_keys("Shift+F7") == "⇧F7"
    assert key_table.shown_keys("Ctrl+Return") == "Ctrl+Enter"
    assert key_table.shown_keys("F2") == "F2"


def test_star_means_every_screen_at_work() -> None:
    back = next(row for row in key_table.load() if row.action is Action.BACK)
    assert back.acts_on("profile")
    assert not back.acts_on("sign_in")
    assert not back.acts_on("lock")


def test_bar_shows_the_table_and_presses_its_actions(qtbot, texts) -> None:
    table = key_table.load()
    bar = KeyBar(texts, table)
    qtbot.addWidget(bar)
    for row in table:
        if row.bar is not Place.NONE:
            assert bar.button(row.action).text() == f"{row.shown} {texts(row.label)}"
    bar.set_available(["read_card"])
    assert bar.button("read_card").isEnabled()
    assert not bar.button("call_next").isEnabled()
    with qtbot.waitSignal(bar.pressed) as pressed:
        bar.button("read_card").click()
    assert pressed.args == ["read_card"]


def test_key_that_is_held_tells_down_and_up(qtbot, texts) -> None:
    bar = KeyBar(texts, key_table.load())
    qtbot.addWidget(bar)
    told = []
    bar.held.connect(lambda action, held: told.append((action, held)))
    bar.button("reveal").pressed.emit()
    bar.button("reveal").released.emit()
    assert told == [("reveal", True), ("reveal", False)]
