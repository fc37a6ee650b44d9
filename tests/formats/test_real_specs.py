from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import yaml

from oas_tasks.formats import Value, read
from oas_tasks.formats.locate import locate
from oas_tasks.formats.yaml_read import read_yaml
from tests.formats.writing import json_document, yaml_document

from .samples import SPECS, exactly

JSON_SPECS: list[object] = ["discord.json"]
JSON_SPECS += [pytest.param(name, marks=pytest.mark.slow) for name in ("box.json", "github.json")]
YAML_SPECS: list[object] = ["museum.yaml"]
YAML_SPECS += [pytest.param(name, marks=pytest.mark.slow) for name in ("twilio.yaml", "openai.yaml", "stripe.yaml")]


def content_of(name: str) -> bytes:
    file = SPECS / name
    if not file.exists():
        pytest.skip(f"{name} is not here")
    return file.read_bytes()


@pytest.mark.parametrize("name", JSON_SPECS + YAML_SPECS)
def test_a_real_document_is_read_back_as_it_was(name: str) -> None:
    value: Any = read(content_of(name), name)
    written = yaml_document(value)
    assert exactly(read_yaml(written, "f")) == exactly(value)
    assert exactly(yaml.load(written, yaml.CSafeLoader)) == exactly(value)
    assert json_document(value) == json.dumps(value, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", JSON_SPECS)
def test_json_is_read_as_the_standard_library_does(name: str) -> None:
    content = content_of(name)
    assert exactly(read(content, name)) == exactly(json.loads(content))


def differences(ours: Any, theirs: Any) -> Iterator[tuple[Value, Any]]:
    """Yield the differences between the values of two readers."""
    if type(ours) is dict and type(theirs) is dict:
        assert len(ours) == len(theirs)
        for (our_key, our_child), (their_key, their_child) in zip(ours.items(), theirs.items(), strict=True):
            yield from differences(our_key, their_key)
            yield from differences(our_child, their_child)
    elif type(ours) is list and type(theirs) is list:
        assert len(ours) == len(theirs)
        for our_child, their_child in zip(ours, theirs, strict=True):
            yield from differences(our_child, their_child)
    elif exactly(ours) != exactly(theirs):
        yield ours, theirs


def is_known(ours: Value, theirs: Any) -> bool:
    """Whether YAML 1.1 and 1.2 differ on purpose here.

    Texts to 1.2: dates; `yes`, `no`, `on`, `off`; numbers with `_` or `:`, or in binary. Octal is 017 in 1.1
    and 0o17 in 1.2. 1e3, without a point, is a float in 1.2 only. A key is always its text to us.
    """
    if type(ours) is str:
        return isinstance(theirs, bool | int | float | date | datetime | None) and theirs != ours
    return (type(ours) is int and type(theirs) in (int, str)) or (type(ours) is float and type(theirs) is str)


@pytest.mark.parametrize("name", YAML_SPECS)
def test_yaml_is_read_as_pyyaml_does_where_the_versions_of_yaml_agree(name: str) -> None:
    text = content_of(name).decode()
    found = list(differences(read_yaml(text, name), yaml.load(text, yaml.CSafeLoader)))
    assert all(is_known(ours, theirs) for ours, theirs in found)
    expected = {"museum.yaml": [("18:00", 1080)], "openai.yaml": [("2024-10-01", date(2024, 10, 1))]}
    assert found == expected.get(name, [])


def test_a_place_in_a_real_document_is_found() -> None:
    content = content_of("discord.json")
    lines = content.decode().split("\n")
    line, column = locate(content, "discord.json", ["paths", "/applications/@me", "get", "operationId"]) or (
        0,
        0,
    )
    assert lines[line - 1][column - 1 :].startswith('"get_my_application"')
