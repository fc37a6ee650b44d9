"""Merge keys are resolved in objects of OpenAPI; in data they are keys like any other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oas_tasks.errors import FormatError
from oas_tasks.formats import MergeKey, Value, may_have_merge_keys
from oas_tasks.formats.yaml_read import read_yaml
from oas_tasks.openapi.merge_keys import merged
from oas_tasks.openapi.model import model_of

HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"


def of(text: str) -> Value:
    return merged(model_of("3.1"), read_yaml(HEAD + text, "f")).value


def schema(text: str) -> Value:
    value = of(f"components: {{schemas: {{S: {text}}}}}")
    assert isinstance(value, dict)
    return value["components"]["schemas"]["S"]  # type: ignore[index, call-overload]


def merge_keys(value: Value) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (key for key in value if isinstance(key, MergeKey))
        for each in value.values():
            yield from merge_keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from merge_keys(each)


def test_own_keys_win_and_of_a_list_the_earlier_one() -> None:
    assert schema("{<<: [{type: a, title: a}, {type: b, title: b, format: b}], type: own}") == {
        "type": "own",
        "title": "a",
        "format": "b",
    }


def test_what_is_merged_is_itself_merged_before() -> None:
    text = "x-a: &a {title: a}\nx-b: &b {<<: *a, description: b}\ncomponents: {schemas: {S: {<<: *b}}}\n"
    value = of(text)
    assert isinstance(value, dict)
    assert value["components"] == {"schemas": {"S": {"title": "a", "description": "b"}}}
    assert value["x-b"] == {"<<": {"title": "a"}, "description": "b"}


@pytest.mark.parametrize(
    "data",
    ["default: {d}", "example: {d}", "examples: [{d}]", "enum: [{d}]", "const: {d}", "x-a: {d}", "default: [[{d}]]"],
)
def test_in_data_they_are_texts(data: str) -> None:
    value = schema("{" + data.replace("{d}", "{<<: {a: 1}, b: 2}") + "}")
    assert "'<<': {'a': 1}" in str(value)
    assert list(merge_keys(value)) == []


@pytest.mark.parametrize("text", ["{'<<': {type: string}}", '{"<<": {type: string}}', "{!!str <<: {type: string}}"])
def test_in_quotes_it_is_a_name(text: str) -> None:
    assert schema(f"{{properties: {text}}}") == {"properties": {"<<": {"type": "string"}}}


@pytest.mark.parametrize("value", ["1", "text", "[1]", "[{a: 1}, 2]", "null"])
def test_only_mappings_are_merged(value: str) -> None:
    made = schema(f"{{properties: {{<<: {value}}}}}")
    assert isinstance(made, dict)
    assert list(made["properties"]) == ["<<"]  # type: ignore[arg-type]
    assert list(merge_keys(made)) == []


def test_merge_keys_are_resolved_in_all_objects_and_maps_of_them() -> None:
    assert of("tags:\n- <<: {name: t}\npaths:\n  <<: {/a: {<<: {summary: s}}}\n") == of(
        "tags: [{name: t}]\npaths: {/a: {summary: s}}\n"
    )
    assert schema("{discriminator: {propertyName: p, mapping: {<<: {a: A}, b: B}}}") == {
        "discriminator": {"propertyName": "p", "mapping": {"a": "A", "b": "B"}}
    }


def test_in_a_file_that_is_no_document_objects_are_recognised_by_their_fields() -> None:
    text = "defs: &d {type: string}\nmore:\n  parameters: {P: {<<: {name: p}, schema: {<<: *d, example: {<<: 1}}}}\n"
    text += "S: {odd: 1, <<: *d, properties: {<<: {a: *d}}, default: {<<: {b: 1}}}\nx-a: {<<: *d}\n"
    value = merged(model_of("3.1"), read_yaml(text, "f")).value
    assert value == {
        "defs": {"type": "string"},
        "more": {"parameters": {"P": {"name": "p", "schema": {"type": "string", "example": {"<<": 1}}}}},
        "S": {"odd": 1, "type": "string", "properties": {"a": {"type": "string"}}, "default": {"<<": {"b": 1}}},
        "x-a": {"<<": {"type": "string"}},
    }
    assert list(merge_keys(value)) == []


def test_bombs_are_still_refused() -> None:
    lines = ["a0: &a0 {" + ", ".join(f"k{n}: v" for n in range(20)) + "}"]
    lines += [f"a{n}: &a{n} {{" + ", ".join(f"k{m}: {{<<: *a{n - 1}}}" for m in range(20)) + "}" for n in range(1, 8)]
    with pytest.raises(FormatError, match="the document grows"):
        read_yaml("\n".join(lines), "f")


def test_a_chain_of_merges_is_merged_in_proportion_to_its_text() -> None:
    lines = ["x-0: &a0 {type: object}"]
    lines += [f"x-{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], k{n}: 1}}" for n in range(1, 12)]
    lines.append("components: {schemas: {S: {<<: *a11}}}")
    value = of("\n".join(lines))
    assert isinstance(value, dict)
    assert len(value["components"]["schemas"]["S"]) == 12  # type: ignore[index, call-overload, arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_bytes_tell_whether_there_may_be_any(encoding: str) -> None:
    assert may_have_merge_keys("a:\n  << : *b\n".encode(encoding))
    assert not may_have_merge_keys("a: x << y: <b>\n".replace("<< y", "< <").encode(encoding))
