"""Work is in proportion to what is read and written (DESIGN, "What bad input gets"): steps are counted, never time."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Collection
from difflib import get_close_matches
from pathlib import Path
from types import FrameType, ModuleType

import pytest

from oas_tasks.document import resolver
from oas_tasks.parts import discriminators, inline
from oas_tasks.slices import part_warnings, source_places
from tests.in_process import slices_of

Write = Callable[[int], str]


def steps(action: Callable[[], object], module: ModuleType) -> int:
    """Return how many bytecode instructions of a module Python executes for something."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> object:
        nonlocal count
        if frame.f_code.co_filename != module.__file__:
            return None
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


def assert_in_proportion(action: Callable[[int], object], n: int, module: ModuleType) -> None:
    """Hold that what twice as much adds, four times as much adds twice."""
    action(1)  # whatever is imported and compiled once
    one, two, four = (steps(lambda size=size: action(size), module) for size in (n, 2 * n, 4 * n))  # type: ignore[misc]
    assert four - two <= 2.6 * (two - one), (one, two, four)


HEAD = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"


def operation(schema: str, extra: str = "") -> str:
    """An operation whose response is of a schema."""
    content = f"{{a/b: {{schema: {schema}}}}}"
    return f"{{get: {{responses: {{'200': {{description: ok, content: {content}}}}}{extra}}}}}"


def referring(name: str) -> str:
    return f"{{$ref: '#/components/schemas/{name}'}}"


def named(n: int) -> str:
    return "components:\n  schemas:\n" + "".join(f"    Schema{i}: {{type: string}}\n" for i in range(n))


def with_merges(n: int) -> str:
    """A document of which each endpoint has a merge key."""
    lines = [HEAD, "x-r: &r {'400': {description: bad}}\npaths:\n"]
    lines += [f"  /p{i}: {{get: {{responses: {{<<: *r, '200': {{description: ok}}}}}}}}\n" for i in range(n)]
    return "".join(lines)


def with_faulty_schemas(n: int) -> str:
    """A document of which two endpoints reach n schemas with a fault each."""
    lines = [HEAD, f"paths:\n  /a: {operation(referring('S0'))}\n  /b: {operation(referring('S0'))}\n"]
    lines.append("components:\n  schemas:\n")
    lines += [f"    S{i}: {{readonly: true, properties: {{n: {referring(f'S{(i + 1) % n}')}}}}}\n" for i in range(n)]
    return "".join(lines)


def with_samples(n: int, sample: str) -> str:
    """A document with n references in one extension field."""
    samples = "[" + ", ".join(sample.format(i) for i in range(n)) + "]"
    return HEAD + "paths:\n  /a: " + operation("{}", f", x-samples: {samples}") + "\n"


def with_samples_that_exist(n: int) -> str:
    return with_samples(n, "{{$ref: a.txt}}")


def with_samples_of_nothing(n: int) -> str:
    return with_samples(n, "{{$ref: '#/components/schemas/Nope{}'}}") + named(n)


def with_discriminators(n: int) -> str:
    """A document with n discriminators in one schema, whose alternates have other names in slices."""
    one = "{oneOf: [{$ref: '#/x-all/A'}, {$ref: '#/x-all/B'}], discriminator: {propertyName: t}}"
    properties = ", ".join(f"p{i}: {one}" for i in range(n))
    every = "x-all:\n" + "".join(f"  {name}: {{properties: {{t: {{type: string}}}}}}\n" for name in "AB")
    own = "components:\n  schemas:\n    A: {}\n    B: {}\n"
    return f"{HEAD}paths:\n  /a: {operation(f'{{properties: {{{properties}}}}}')}\n{every}{own}"


@pytest.mark.parametrize(
    ("write", "n", "module"),
    [
        pytest.param(with_merges, 30, part_warnings, id="merge keys"),
        pytest.param(with_faulty_schemas, 60, source_places, id="faulty schemas"),
        pytest.param(with_samples_that_exist, 60, inline, id="references in an extension"),
        pytest.param(with_samples_of_nothing, 30, difflib, id="references to nothing in an extension"),
        pytest.param(with_discriminators, 40, discriminators, id="discriminators"),
    ],
)
def test_work_is_in_proportion_to_the_document(tmp_path: Path, write: Write, n: int, module: ModuleType) -> None:
    (tmp_path / "a.txt").write_text("Text")

    def make(size: int) -> None:
        file = tmp_path / "api.yaml"
        file.write_text(write(size))
        slices_of(file)

    assert_in_proportion(make, n, module)


def test_names_are_guessed_for_as_long_as_that_takes_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def close(name: str, names: Collection[str], n: int) -> list[str]:
        compared.append(len(names))
        return get_close_matches(name, names, n)

    monkeypatch.setattr(difflib, "get_close_matches", close)
    monkeypatch.setattr(resolver, "_MOST_COMPARED", 200)
    paths = "".join(f"  /p{i}: {operation(referring(f'Shcema{i}'))}\n" for i in range(10))
    twice = "".join(f"  /q{i}: {operation(referring('Shcema0'))}\n" for i in range(10))
    file = tmp_path / "api.yaml"
    for count, guesses in ((50, 4), (250, 1)):  # there is always one
        compared.clear()
        file.write_text(f"{HEAD}paths:\n{paths}{twice}{named(count)}")
        slices = slices_of(file).values()
        assert compared == guesses * [count]
        assert sum("Did you mean 'Schema" in each.reason for each in slices) == guesses + 10
