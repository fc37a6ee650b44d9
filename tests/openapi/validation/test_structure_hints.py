"""Frequent mistakes are reported in plain words, in every version, with their places."""

from __future__ import annotations

import pytest

from oas_tasks.openapi.model import Family
from oas_tasks.openapi.validation.structure import faults
from tests.oracle import parse

GOOD = "{name: id, in: path, required: true, schema: {type: string}}"
ANSWER = "'200': {description: d}"

MISTAKES = [
    ("{name: id, in: path, schema: {}}", ANSWER, "the path parameter 'id' must be 'required: true'"),
    (GOOD + ", {name: b, in: body, schema: {}}", ANSWER, "a parameter cannot be in 'body'"),
    (GOOD + ", {name: q, in: query, schema: {}, content: {a/b: {}}}", ANSWER, "'schema' and 'content' may not stand"),
    (GOOD, "'2000': {description: d}", "'2000' is no response code"),
    (GOOD, "'200': {description: d, headers: {h: {schema: {}, content: {a/b: {}}}}}", "'schema' and 'content' may"),
    (GOOD, "", "at least one response is needed"),
    (GOOD + ", {name: q, in: query, schema: {type: strng}}", ANSWER, '"strng" is not one of array, boolean'),
]


@pytest.mark.parametrize("version", ["3.0", "3.1", "3.2"])
@pytest.mark.parametrize("parameters, responses, expected", MISTAKES)
def test_a_common_mistake_is_reported_in_plain_words(
    version: Family, parameters: str, responses: str, expected: str
) -> None:
    document = parse(
        f"openapi: {version}.0\ninfo: {{title: t, version: '1'}}\npaths:\n  /a/{{id}}:\n    get:\n"
        f"      parameters: [{parameters}]\n      responses: {{{responses}}}\n"
    )
    assert faults(version, document)[0].message.startswith(expected)
