"""Documents made to need much work: each ends as it should, in work that grows with its size.

Work is counted, not timed: in calls of functions. What C code does within one call does not count, so that the sizes at
which a search of a list would show are left to the tests marked slow, which look at processor time too.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from oas_tasks import cli
from oas_tasks.openapi.explosive_patterns import may_explode
from oas_tasks.openapi.unfolding import Unfoldings
from tests.hostile_documents import FAMILIES, write


class Outcome(NamedTuple):
    """What a document of a family comes to: its size, the exit code, the number of slices, and some of what is said."""

    size: int
    code: int = 0
    slices: int = 1
    said: str = ""


TOO_MUCH = "stands for more than can be put in its place"
NOT_CHECKED = "was not checked: its schema stands for too much"

#: Families whose size is the number of times that something doubles, or whose documents grow with the square of it.
STEEP: dict[str, Outcome] = {
    "aliases": Outcome(40, 2, 0, "aliases"),
    "callbacks_of_all": Outcome(12, 1, 0, "contains itself"),
    "callbacks_that_double": Outcome(18, 1, 11, TOO_MUCH),
    "deep_nesting": Outcome(300, 2, 0, "more than 256 levels deep"),
    "doubling_all_of": Outcome(40, 0, 1, NOT_CHECKED),
    "doubling_any_of": Outcome(40, 0, 1, NOT_CHECKED),
    "doubling_one_of": Outcome(40, 0, 1, NOT_CHECKED),
    "doubling_otherwise": Outcome(40, 0, 1, NOT_CHECKED),
    "extensions_of_all": Outcome(40, 1, 0, TOO_MUCH),
    "extensions_that_double": Outcome(40, 1, 0, TOO_MUCH),
    "path_for_a_filter": Outcome(40),
    "pattern": Outcome(40, 0, 2),
    "strays_that_double": Outcome(40, 1, 0),
}

#: Other families that do not come to one slice.
OTHERS: dict[str, Outcome] = {
    "callbacks_in_a_chain": Outcome(24, slices=24),
    "chain_into_operations": Outcome(24, slices=24),
    "chain_of_links": Outcome(24, slices=24),
    "chain_of_paths": Outcome(24, slices=24),
    "chain_of_paths_with_summaries": Outcome(50, 1, 33, "references in a row, which are too many"),
    "cycle_of_names": Outcome(24, 1, 0, "leads through references only, and back to where it began"),
    "cycle_of_paths": Outcome(24, 1, 0, "leads back to itself"),
    "cycle_of_schemas": Outcome(24, slices=20),
    "dynamic_anchors": Outcome(24, 1, 0, "its anchor stands in more than one of them"),
    "faults_in_one_schema": Outcome(24, 1, 0, "24 faults keep 1 endpoint from being sliced"),
    "fields_that_do_not_exist": Outcome(24, 1, 0, "Did you mean 'summary'?"),
    "files_around_one": Outcome(24, slices=24),
    "files_of_like_names": Outcome(24, slices=24),
    "long_names": Outcome(24, 1, 0, "no path parameter of that name is defined"),
    "many_extensions": Outcome(24, slices=2),
    "many_responses": Outcome(24, 1, 0, "is no response code"),
    "many_templates": Outcome(24, slices=24),
    "missing_parameters": Outcome(24, 1, 0, "no path parameter of that name is defined"),
    "missing_schemas": Outcome(24, 1, 0, "Did you mean 'Schema0'?"),
    "moved_into_many": Outcome(24, slices=25),
    "one_operation_id": Outcome(24, slices=24),
    "operations_in_a_chain": Outcome(24, slices=24),
    "types_that_do_not_exist": Outcome(24, 1, 0, "Did you mean 'string'?"),
    "wrong_defaults": Outcome(24, 1, 0, "does not fit its own schema"),
}

#: What is known to be wrong: an alternate of a base inside of an operation is taken for a component that nothing needs.
WRONG = frozenset({"bases_in_operations"})

OUTCOMES = {name: STEEP.get(name) or OTHERS.get(name) or Outcome(24) for name in FAMILIES}


class Ended(NamedTuple):
    """How a command ended. calls: how many functions were called."""

    code: int
    text: str
    slices: int
    calls: int


def run(family: str, size: int, folder: Path, *options: str, counts: bool = False) -> Ended:
    """Slice a document of a family, in this process."""
    folder.mkdir(parents=True)
    entry = write(FAMILIES[family](size), folder)
    out = folder / "out"
    arguments = ["--input", str(entry), "--output-dir", str(out), "--batch", "--concurrency", "1", *options]
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        if counts:
            sys.setprofile(count)
        try:
            code = cli.main(arguments)
        finally:
            sys.setprofile(None)
    slices = [each for each in out.iterdir() if each.name != "index.csv"] if out.is_dir() else []
    return Ended(code, said.getvalue(), len(slices), calls)


def assert_no_fault_of_ours(family: str, ended: Ended) -> None:
    if family in WRONG:
        pytest.xfail("what is told is a fault of oas-tasks")
    for words in ("Traceback", "fault of oas-tasks", "RecursionError", "internal error"):
        assert words not in ended.text, ended.text[:2000]


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_ends_as_it_should(family: str, tmp_path: Path) -> None:
    expected = OUTCOMES[family]
    ended = run(family, expected.size, tmp_path / "a")
    assert_no_fault_of_ours(family, ended)
    assert (ended.code, ended.slices) == (expected.code, expected.slices), ended.text[:2000]
    assert expected.said in ended.text


def test_a_filter_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oas_tasks.plan.bounded_regex._SECONDS", 0.5)
    ended = run("path_for_a_filter", 60, tmp_path / "a", "--filter", "^/(a+)+$", "--filter-type", "regex")
    assert ended.code == 2
    assert "takes too long on these paths: it has repetitions inside of repetitions" in ended.text


@pytest.mark.parametrize(
    "pattern, explodes",
    [
        ("^/api/v\\d+/.*", False),
        ("^/users/(a|b)/x$", False),
        ("[a-z]{3}(b{2}){4}", False),
        ("(a+)+$", True),
        ("(a|a)*$", True),
        ("(?:a?){30}b", True),
        ("(?=(a*)*)b", True),
        ("a.*b.*c.*d.*e", True),
        ("(", False),
    ],
)
def test_patterns_that_may_take_time_without_end_are_known(pattern: str, explodes: bool) -> None:
    assert may_explode(pattern, 60) is explodes


def test_each_target_is_measured_once_however_much_it_stands_for() -> None:
    looked_at: list[int] = []

    def look(number: int) -> tuple[int, list[tuple[int, str]]]:
        looked_at.append(number)
        return 1, [(number + 1, "a"), (number + 1, "b")] if number < 1000 else []

    found = Unfoldings[int, str]().of(0, look)
    assert found.weight > 1 << 50
    assert (found.height, found.loop) == (1000, None)
    assert looked_at == list(range(1001))


#: Families at which work grew with the square of the size or faster, and sizes that show it.
GREW = {
    "chain_of_names": 40,
    "chain_of_paths": 20,
    "chain_of_bases": 40,
    "children_by_other_names": 30,
    "dynamic_anchors": 30,
    "doubling_any_of": 8,
}


@pytest.mark.parametrize("family, size", GREW.items())
def test_calls_grow_with_the_size(family: str, size: int, tmp_path: Path) -> None:
    assert_growth(family, size, tmp_path)


def assert_growth(family: str, size: int, folder: Path, *options: str) -> None:
    """Hold that a document of twice the size takes at most 2.3 times the calls, beside those for a tiny one."""
    run(family, 2, folder / "imports", *options)
    least = run(family, 2, folder / "least", *options, counts=True).calls
    counted = [run(family, size * n, folder / str(n), *options, counts=True) for n in (1, 2, 4)]
    for ended in counted:
        assert_no_fault_of_ours(family, ended)
    own = [max(ended.calls - least, least // 10) for ended in counted]
    assert own[1] <= 2.3 * own[0], own
    assert own[2] <= 2.3 * own[1], own


#: How a document is sliced.
MODES: dict[str, tuple[str, ...]] = {
    "as it is": (),
    "in 3.0": ("--output-version", "3.0.x"),
    "in 3.1": ("--output-version", "3.1.x"),
    "in 3.2": ("--output-version", "3.2.x"),
    "checked twice": ("--full",),
    "in JSON": ("--format", "json"),
    "dry": ("--dry-run",),
}


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("family", FAMILIES)
def test_calls_grow_with_the_size_in_every_mode(family: str, mode: str, tmp_path: Path) -> None:
    size = 3 if family in STEEP else 60
    assert_growth(family, size, tmp_path, *MODES[mode])


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("family", FAMILIES)
def test_large_ones_take_seconds(family: str, mode: str, tmp_path: Path) -> None:
    size = OUTCOMES[family].size if family in STEEP else 1000
    ended = timed(lambda: run(family, size, tmp_path / "a", *MODES[mode]), 30)
    assert_no_fault_of_ours(family, ended)
    assert ended.code in (0, 1, 2)


def timed(make: Callable[[], Ended], most: float) -> Ended:
    """Return what is made, and hold that it takes at most so many seconds of processor time."""
    before = time.process_time()
    made = make()
    assert time.process_time() - before <= most
    return made
