"""Work is in proportion to what is read and written (DESIGN, "What bad input gets"): steps are counted, never time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from tests.in_process import slices_of

Write = Callable[[int], str]


def steps(action: Callable[[], object]) -> int:
    """Return how many bytecode instructions Python executes for something."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> object:
        nonlocal count
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        action()
    finally:
        sys.settrace(before)
    return count


def assert_in_proportion(action: Callable[[int], object], n: int) -> None:
    """Hold that what twice as much adds, four times as much adds twice."""
    action(1)  # whatever is imported and compiled once
    one, two, four = (steps(lambda size=size: action(size)) for size in (n, 2 * n, 4 * n))  # type: ignore[misc]
    assert four - two < 2.6 * (two - one), (one, two, four)


HEAD = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"


def with_merges(n: int) -> str:
    """A document of which each endpoint has a merge key."""
    lines = [HEAD, "x-r: &r {'400': {description: bad}}\npaths:\n"]
    lines += [f"  /p{i}: {{get: {{responses: {{<<: *r, '200': {{description: ok}}}}}}}}\n" for i in range(n)]
    return "".join(lines)


@pytest.mark.parametrize(("write", "n"), [(with_merges, 60)])
def test_work_is_in_proportion_to_the_document(tmp_path: Path, write: Write, n: int) -> None:
    def make(size: int) -> None:
        file = tmp_path / "api.yaml"
        file.write_text(write(size))
        slices_of(file)

    assert_in_proportion(make, n)
