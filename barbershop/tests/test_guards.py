"""``make guards`` takes guards out of the code by their text, so the text must be there."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from benchmarks.guards import GUARDS
from benchmarks.guards.guard import Guard, Moved

BY_NAME = [pytest.param(guard, id=guard.name) for guard in GUARDS]


def copied(guard: Guard, to: Path) -> Path:
    path = to / guard.file
    path.parent.mkdir(parents=True)
    path.write_text((settings.BASE_DIR / guard.file).read_text())
    return path


@pytest.mark.parametrize("guard", BY_NAME)
def test_guard_stands_where_it_is_said_to_and_code_is_left_without_it(guard, tmp_path):
    path = copied(guard, tmp_path)

    guard.take_out(tmp_path)  # names the guard when it has moved

    ast.parse(path.read_text())


@pytest.mark.parametrize("guard", BY_NAME)
def test_tests_of_a_guard_exist(guard):
    for test in guard.tests:
        file, _, name = test.partition("::")
        assert f"def {name}" in (settings.BASE_DIR / file).read_text(), test


def test_names_of_guards_differ():
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


@pytest.mark.parametrize("text", ["", "if a > b:\nif a > b:\n"])
def test_guard_that_is_gone_or_not_alone_says_so(text, tmp_path):
    (tmp_path / "code.py").write_text(text)
    guard = Guard(name="first", file="code.py", old="a > b", new="True", tests=())

    with pytest.raises(Moved, match="“first” has moved"):
        guard.take_out(tmp_path)
    assert (tmp_path / "code.py").read_text() == text
