"""What the program never does: read by the syntax tree, not by hope."""

from __future__ import annotations

import ast

from tests.house.sources import imports, modules

FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "yaml", "keyrings"}
FORBIDDEN_CALLS = {"eval", "exec", "os.system", "os.popen", "QMessageBox", "QInputDialog"}


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func)


def calls() -> list[tuple[str, ast.Call]]:
    return [
        (str(path), node) for path, tree in modules().items() for node in ast.walk(tree) if isinstance(node, ast.Call)
    ]


def test_no_module_reads_code_as_data() -> None:
    assert not [path for path, tree in modules().items() if FORBIDDEN_MODULES & imports(tree)]


def test_no_forbidden_call() -> None:
    assert not [(path, _name(call)) for path, call in calls() if _name(call) in FORBIDDEN_CALLS]


def test_no_shell() -> None:
    shells = [
        (path, keyword)
        for path, call in calls()
        for keyword in call.keywords
        if keyword.arg == "shell" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    assert not shells


def test_no_modal_dialog_in_the_clerks_flows() -> None:
    """Rule R20 of the screens' lint."""
    clerk = [(path, _name(call)) for path, call in calls() if path.startswith("ui/clerk")]
    assert clerk
    assert not [(path, name) for path, name in clerk if name.endswith((".exec", ".exec_")) and "app.exec" not in name]
    assert not [
        path for path, tree in modules().items() if str(path).startswith("ui/clerk") and "QDialog" in ast.dump(tree)
    ]
