"""Real histories, replayed: at each step just those slices are made whose clean build differs in more than versions.

What has to be made is counted here from clean builds alone, by values read back from their files.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from oas_tasks.queries.compare import Side, compare
from oas_tasks.settings import load_settings
from oas_tasks.slices.loading import load_slicer
from tests.conftest import SPECS, Repository
from tests.in_process import slices_of

BOX, DISCORD = (sorted((SPECS / "history" / name).glob("*.json")) for name in ("box", "discord"))
#: How many steps the default run takes of each.
FEW = 3


STRICT: list[str] = []


def replays(steps: int | None) -> list[Any]:
    return [
        pytest.param(
            files[-steps:] if steps else files, volatile, id=f"{name}-{'strict' if volatile == [] else 'default'}"
        )
        for name, files in (("box", BOX), ("discord", DISCORD))
        for volatile in (None, STRICT)
        if steps is None or (name == "box") == (volatile is None)  # each, and both, but not all pairs
    ]


def without_versions(text: bytes | None) -> Any:
    """Return a slice in JSON without its version and what `info` is stamped with; its keys keep their order."""
    if text is None:
        return None
    value = json.loads(text)
    value["info"] = {key: said for key, said in value["info"].items() if key != "version" and not key.startswith("x-")}
    return json.dumps(value)


@cache
def clean(file: Path) -> dict[str, bytes | None]:
    return {name: each.content for name, each in slices_of(file, format="json").items()}


def meant(file: Path, volatile: Sequence[str] | None) -> dict[str, Any]:
    """Return what a clean build makes of a document, by the names of the slices."""
    return {name: slice_ if volatile == [] else without_versions(slice_) for name, slice_ in clean(file).items()}


def differing(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name, slice_ in after.items() if slice_ is not None and before.get(name) != slice_}


def replayed(files: Sequence[Path], volatile: Sequence[str] | None, repository: Repository) -> None:
    if not files:
        pytest.skip("the histories are not here")
    arguments = ["--batch", "--input", "api.json", "--format", "json", *(["--volatile", ""] if volatile == [] else [])]
    made_then: dict[str, tuple[int, int]] = {}
    expected_then: dict[str, Any] = {}
    for number, file in enumerate(files):
        repository.write("api.json", file.read_bytes())
        assert repository.slice_oas(*arguments).code == 0
        status = {each.name: each.stat() for each in repository.slices.glob("*.json")}
        made = {name: (each.st_mtime_ns, each.st_ino) for name, each in status.items()}
        expected = meant(file, volatile)
        assert made.keys() == {name for name, slice_ in expected.items() if slice_ is not None}
        if number:
            remade = {name for name, each in made.items() if made_then.get(name) != each}
            assert remade == differing(expected_then, expected), file.name
        for name in made:
            text = (repository.slices / name).read_bytes()
            assert (text if volatile == [] else without_versions(text)) == expected[name]
        made_then, expected_then = made, expected


@pytest.mark.parametrize(("files", "volatile"), replays(FEW))
def test_just_what_changed_is_made(
    files: Sequence[Path], volatile: Sequence[str] | None, repository: Repository
) -> None:
    replayed(files, volatile, repository)


@pytest.mark.slow
@pytest.mark.parametrize(("files", "volatile"), replays(None))
def test_over_whole_histories_just_what_changed_is_made(
    files: Sequence[Path], volatile: Sequence[str] | None, repository: Repository
) -> None:
    replayed(files, volatile, repository)


@pytest.mark.parametrize(("files", "volatile"), replays(FEW))
def test_what_is_affected_is_what_differs_and_so_are_fingerprints(
    files: Sequence[Path], volatile: Sequence[str] | None
) -> None:
    affected_is_what_differs(files, volatile)


@pytest.mark.slow
@pytest.mark.parametrize(("files", "volatile"), replays(None))
def test_over_whole_histories_what_is_affected_is_what_differs(
    files: Sequence[Path], volatile: Sequence[str] | None
) -> None:
    affected_is_what_differs(files, volatile)


def affected_is_what_differs(files: Sequence[Path], volatile: Sequence[str] | None) -> None:
    if not files:
        pytest.skip("the histories are not here")
    sides, contents = [], []
    for file in files:
        given = {"spec": str(file), "format": "json", **({} if volatile is None else {"volatile": volatile})}
        settings = load_settings(file.parent, given)[0]
        sides.append(Side.of(load_slicer(settings, "api.json"), settings))
        contents.append(meant(file, volatile))
    for (before, after), (then, now) in zip(itertools.pairwise(sides), itertools.pairwise(contents), strict=True):
        found = compare(before, after)
        affected = {each.file for each in found.added} | {each.endpoint.file for each in found.changed}
        assert affected == differing(then, now)
        was = {each.file: each.fingerprint for each in before.plan.endpoints}
        others = {each.file for each in after.plan.endpoints if was.get(each.file) != each.fingerprint}
        assert others == {name for name in now if then.get(name) != now[name]}
