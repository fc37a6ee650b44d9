"""Every reason for which an endpoint can fail has its source in the specification.

A row is a document, the reason for which its endpoint fails, and the proof: the official schema of its version, asked
by openapi-spec-validator, which shares no code with the tool's own validation, or else a clause. What the tool does not
read by design is in DESIGN.md. A trace of all rows shows that each place that makes such a sentence is reached.

Not here: faults of the tool itself, which no document can cause (`test_slicer_faults_are_caught`), losses of
conversions (the rules in `oas_tasks/openapi/conversion` have their sources), and defaults.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType, MappingProxyType, ModuleType
from typing import Any, NamedTuple

import pytest

from oas_tasks.document import files, resolver, root
from oas_tasks.openapi.model import Family
from oas_tasks.openapi.validation import operation_faults, second_opinion, structure, structure_hints
from oas_tasks.parts import inline, operations
from tests.in_process import slices_of
from tests.oracle import parse

SCHEMA = "the official schema"
ANSWER = "responses: {'200': {description: ok}}"


class Row(NamedTuple):
    """A kind of reason, with a document given without `openapi` and `info`."""

    reason: str
    version: str
    proof: str
    document: str
    files: Mapping[str, str] = MappingProxyType({})


def get(inside: str, path: str = "/a") -> str:
    return f"paths: {{'{path}': {{get: {{{inside}}}}}}}"


def parameter(inside: str) -> str:
    return get(f"parameters: [{{{inside}}}], {ANSWER}")


def schema(inside: str) -> str:
    return parameter(f"name: q, in: query, schema: {{{inside}}}")


def linked(inside: str) -> str:
    return get(f"responses: {{'200': {{description: ok, links: {{l: {{{inside}}}}}}}}}")


def header(inside: str) -> str:
    return get(f"responses: {{'200': {{description: ok, headers: {{h: {{{inside}}}}}}}}}")


def secured(inside: str) -> str:
    return get(f"security: [{{S: []}}], {ANSWER}") + f"\ncomponents: {{securitySchemes: {{S: {{{inside}}}}}}}"


NAME = "'Parameter Object', name: 'REQUIRED. The name of the parameter.'"
DEFINED = "'Security Requirement Object': 'Each name MUST correspond to a security scheme which is declared'"
TARGET = "'Reference Object', $ref: 'REQUIRED. The reference identifier', which identifies nothing here"
CONTEXT = "'Structural Interoperability': the same object parsed as different types 'MAY be treated as an error'"

ROWS = [
    # In the words of the schemas.
    Row("'description' is missing", "3.0.4", SCHEMA, get("responses: {'200': {}}")),
    Row("'foo' may not stand here", "3.1.2", SCHEMA, get(f"foo: 1, {ANSWER}")),
    Row("'respnses' may not stand here. Did you mean 'responses'", "3.0.4", SCHEMA, get("respnses: {}")),
    Row("'a' may not stand here: a path begins with '/'", "3.0.4", SCHEMA, get(ANSWER, "a")),
    Row("this must be a string, and it is a number", "3.0.4", SCHEMA, get(f"summary: 1, {ANSWER}")),
    Row('"strng" is not one of', "3.0.4", SCHEMA, schema("type: strng")),
    Row('"a" stands more than once in this list', "3.0.4", SCHEMA, schema("required: [a, a]")),
    Row("-1 is less than the minimum of 0", "3.0.4", SCHEMA, schema("minLength: -1")),
    Row("'title' is missing", "3.0.4", SCHEMA, get(ANSWER) + "\ntags: [{name: a}]\nservers: []\ninfo: {version: '1'}"),
    # In better words than those of the schemas.
    Row("'name' is missing", "3.0.4", SCHEMA, parameter("in: query, schema: {}")),
    Row("'in' is missing", "3.2.0", SCHEMA, parameter("name: q, schema: {}")),
    Row("a parameter cannot be in 'body'", "3.0.4", SCHEMA, parameter("name: q, in: body, schema: {}")),
    Row("must be 'required: true'", "3.1.2", SCHEMA, parameter("name: q, in: path, schema: {}")),
    Row(
        "a query parameter cannot have the style 'simple'",
        "3.0.4",
        SCHEMA,
        parameter("name: q, in: query, style: simple, schema: {}"),
    ),
    Row(
        "'schema' and 'content' may not stand",
        "3.0.4",
        SCHEMA,
        parameter("name: q, in: query, schema: {}, content: {a/b: {}}"),
    ),
    Row("'schema' or 'content' is missing", "3.1.2", SCHEMA, parameter("name: q, in: query")),
    Row(
        "'example' and 'examples' may not stand",
        "3.0.4",
        SCHEMA,
        parameter("name: q, in: query, schema: {}, example: 1, examples: {}"),
    ),
    Row(
        "'style' may not stand beside 'content'",
        "3.0.4",
        SCHEMA,
        parameter("name: q, in: query, style: form, content: {a/b: {}}"),
    ),
    Row("'2000' is no response code", "3.0.4", SCHEMA, get("responses: {'2000': {description: d}}")),
    Row("at least one response is needed", "3.0.4", SCHEMA, get("responses: {}")),
    Row("'type' is missing", "3.0.4", SCHEMA, secured("description: d")),
    Row("'basic' is no type of security scheme", "3.0.4", SCHEMA, secured("type: basic")),
    Row("'scheme' is missing", "3.1.2", SCHEMA, secured("type: http")),
    Row(
        "'bearerFormat' may stand only beside", "3.0.4", SCHEMA, secured("type: http, scheme: basic, bearerFormat: JWT")
    ),
    Row("'operationRef' or 'operationId' is missing", "3.1.2", SCHEMA, linked("description: d")),
    Row(
        "'identifier' and 'url' may not stand together",
        "3.1.2",
        SCHEMA,
        get(ANSWER) + "\ninfo: {title: t, version: '1', license: {name: l, identifier: MIT, url: 'https://a.b'}}",
    ),
    Row('"form" may not stand here, only simple', "3.2.0", SCHEMA, header("schema: {}, style: form")),
    # Path items whose endpoints are unknown.
    Row("'gett' may not stand here. Did you mean 'get'", "3.0.4", SCHEMA, f"paths: {{/a: {{gett: {{{ANSWER}}}}}}}"),
    # Containers that cannot be cut into parts.
    Row("'components' must be a mapping, and this is empty", "3.1.2", SCHEMA, get(ANSWER) + "\ncomponents:"),
    Row(
        "'schemas' must be a mapping, and this is a list", "3.0.4", SCHEMA, get(ANSWER) + "\ncomponents: {schemas: []}"
    ),
    Row("'tags' must be a list, and this is a mapping", "3.2.0", SCHEMA, get(ANSWER) + "\ntags: {a: b}"),
    Row("a path item must be a mapping", "3.0.4", SCHEMA, "paths: {/a: 1}"),
    # The operation.
    Row(
        "the query parameter 'q' stands twice in this list",
        "3.0.4",
        "'Operation Object', parameters: 'The list MUST NOT include duplicated parameters.'",
        get("parameters: [{name: q, in: query, schema: {}}, {name: q, in: query, schema: {type: string}}], " + ANSWER),
    ),
    Row(
        "the path has {a} 2 times",
        "3.2.0",
        "'Path Templating': 'Each template expression MUST NOT appear more than once in a single path template.'",
        get(f"parameters: [{{name: a, in: path, required: true, schema: {{}}}}], {ANSWER}", "/{a}/{a}"),
    ),
    Row(
        "the path has {a}, and no path parameter of that name is defined",
        "3.0.4",
        "'Path Templating': 'Each template expression in the path MUST correspond to a path parameter'",
        get(ANSWER, "/{a}"),
    ),
    Row(
        "the path parameter 'a' is defined, and the path has no {a}",
        "3.0.4",
        "'Parameter Object', name: 'MUST correspond to a template expression occurring within the path'",
        parameter("name: a, in: path, required: true, schema: {}"),
    ),
    Row(
        "the operationId 'o' stands twice",
        "3.0.4",
        "'Operation Object', operationId: 'The id MUST be unique among all operations described in the API.'",
        get(f"operationId: o, callbacks: {{c: {{'{{$url}}': {{post: {{operationId: o, {ANSWER}}}}}}}}}, {ANSWER}"),
    ),
    Row(
        "the tag 't' is declared twice",
        "3.0.4",
        "'OpenAPI Object', tags: 'Each tag name in the list MUST be unique.'",
        get(f"tags: [t], {ANSWER}") + "\ntags: [{name: t}, {name: t, description: d}]",
    ),
    Row(
        "the tag's parent 'p' is not declared",
        "3.2.0",
        "'Tag Object', parent: 'The named tag MUST exist in the API description'",
        get(f"tags: [t], {ANSWER}") + "\ntags: [{name: t, parent: p}]",
    ),
    # References.
    Row("the security scheme 'S' is not defined", "3.0.4", DEFINED, get(f"security: [{{S: []}}], {ANSWER}")),
    Row(
        "the discriminator's mapping names 'B', which is no schema",
        "3.0.4",
        "'Discriminator Object', mapping: 'mappings between payload values and schema names or URI references'",
        schema("discriminator: {propertyName: p, mapping: {b: B}}"),
    ),
    Row(
        "is a Schema, and a Response is needed here",
        "3.1.2",
        CONTEXT,
        get("responses: {'200': {$ref: '#/components/schemas/S'}}") + "\ncomponents: {schemas: {S: {}}}",
    ),
    Row(
        "'#/components/schemas/S' is referenced but not defined",
        "3.0.4",
        TARGET,
        schema("$ref: '#/components/schemas/S'"),
    ),
    Row("'#anchor' is referenced but not defined", "3.1.2", TARGET, schema("$ref: '#anchor'")),
    Row(
        "there is no file 'User'. Did you mean '#/components/schemas/User'",
        "3.0.4",
        TARGET,
        schema("$ref: User") + "\ncomponents: {schemas: {User: {}}}",
    ),
    Row("there is no file 'b.yaml'", "3.0.4", TARGET, schema("$ref: b.yaml")),
    Row("no file can be called 'b\\u0000.yaml'", "3.0.4", TARGET, schema("$ref: b%00.yaml")),
    Row("b.yaml:1:1: ", "3.0.4", TARGET, schema("$ref: b.yaml"), {"b.yaml": "'unclosed"}),
    Row(
        "leads to where there is no file 'b.yaml'",
        "3.0.4",
        TARGET,
        schema("$ref: '#/components/schemas/S'") + "\ncomponents: {$ref: b.yaml}",
    ),
    Row("there is no file 'b.yaml'", "3.0.4", TARGET, get(ANSWER) + "\ntags: {$ref: b.yaml}"),
    Row(
        "leads through references only",
        "3.0.4",
        TARGET,
        get(f"parameters: [{{$ref: '#/components/parameters/A'}}], {ANSWER}")
        + "\ncomponents: {parameters: {A: {$ref: '#/components/parameters/A'}}}",
    ),
    Row(
        "leads back to itself",
        "3.1.2",
        TARGET,
        "paths: {/a: {$ref: '#/components/pathItems/P'}}\ncomponents: {pathItems:"
        " {P: {$ref: '#/components/pathItems/Q'}, Q: {$ref: '#/components/pathItems/P'}}}",
    ),
    Row(
        "contains itself",
        "3.0.4",
        SCHEMA,
        get("responses: {'200': {description: d, content: {$ref: '#/x-a'}}}") + "\nx-a: {a/b: {$ref: '#/x-a'}}",
    ),
    Row(
        "'#/x-b' contains itself",
        "3.0.4",
        SCHEMA,
        get("responses: {'200': {description: d, content: {a/b: {$ref: '#/x-a'}}}}")
        + "\nx-a: {$ref: '#/x-b'}\nx-b: {$ref: '#/x-b'}",
    ),
    # Not read by design.
    Row(
        "remote documents are never fetched",
        "3.0.4",
        "DESIGN 'What bad input gets'",
        schema("$ref: 'https://example.com/a.yaml'"),
    ),
    Row(
        "is outside of the document's folder",
        "3.0.4",
        "DESIGN 'What bad input gets'",
        schema("$ref: '/etc/a.yaml'"),
    ),
    Row("is outside of the document's folder", "3.0.4", "DESIGN 'What bad input gets'", schema("$ref: '../a.yaml'")),
    Row("'pipe' cannot be read", "3.0.4", "DESIGN 'What bad input gets'", schema("$ref: 'pipe'")),
]
each_row = pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.version} {row.reason}") for row in ROWS])


def text_of(row: Row) -> str:
    info = "" if "\ninfo:" in row.document else "info: {title: t, version: '1'}\n"
    return f"openapi: {row.version}\n{info}{row.document}\n"


def reasons(row: Row, folder: Path) -> list[str]:
    (folder / "api.yaml").write_text(text_of(row), encoding="utf-8")
    for name, text in row.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    if "pipe" in row.document and not (folder / "pipe").exists():
        os.mkfifo(folder / "pipe")
    return [made.reason for made in slices_of(folder / "api.yaml").values()]


@each_row
def test_a_document_fails_for_the_reason(row: Row, tmp_path: Path) -> None:
    found = reasons(row, tmp_path)
    assert len(found) == 1
    assert row.reason in found[0]


#: Documents with several faults, or with one that causes other errors of a schema; and all reasons.
ALONE = [
    ("3.1.2", secured("type: oauth2, flows: {implicit: {scopes: {}}}"), ["'authorizationUrl' is missing"]),
    ("3.2.0", secured("type: apiKey, name: n, in: body"), ['"body" is not one of query, header, cookie']),
    (
        "3.1.2",
        get("responses: {'200': {description: d, content: {a/b: {examples: {e: {foo: 1}}}}}}"),
        ["'foo' may not stand here"],
    ),
    ("3.0.4", schema("type: strng, foo: 1"), ['"strng" is not one of', "'foo' may not stand here"]),
    (
        "3.1.2",
        get("responses: {'20': {description: d}, '200': {description: d, foo: 1}}"),
        ["'foo' may not stand here", "'20' is no response code"],
    ),
    ("3.1.2", parameter("name: q, foo: 1, schema: {}"), ["'in' is missing", "'foo' may not stand here"]),
    (
        "3.1.2",
        parameter("name: q, in: query, foo: 1, schema: {}, example: 1, examples: {}"),
        ["'foo' may not stand here"],
    ),
]


@pytest.mark.parametrize(("version", "document", "expected"), ALONE)
def test_every_structural_fault_is_reported_but_not_its_consequences(
    version: str, document: str, expected: list[str], tmp_path: Path
) -> None:
    (tmp_path / "api.yaml").write_text(text_of(Row("", version, "", document)), encoding="utf-8")
    (made,) = slices_of(tmp_path / "api.yaml").values()
    found = [each.message for each in made.faults]
    assert len(found) == len(expected), found
    for text, reason in zip(expected, found, strict=True):
        assert text in reason


@each_row
def test_the_reason_is_proved(row: Row) -> None:
    family: Family = row.version[:3]  # type: ignore[assignment]
    if row.proof == SCHEMA:
        document: dict[str, Any] = parse(text_of(row))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert second_opinion.faults(family, document) != []
    else:
        assert re.match(r"'[A-Z][\w ]+'|DESIGN '[A-Z][\w ]+'", row.proof)


#: The modules with sentences about documents.
MODULES = (structure_hints, operation_faults, structure, root, inline, operations, resolver, files)
#: The calls that make a sentence.
MAKERS = frozenset({"Fault", "Broken", "Unreadable", "fault_at"})
#: Places that no document reaches, and why.
UNREACHABLE = {
    "cannot be read": "the file is there, and the machine will not give it",
    "crash_reason(error)": "a fault of ours and of no document",
    "fault_at(reason, pointed.source)": "thousands of values that one extension puts in place",
    "it leads to what only a merge key would bring there": "a reference in an extension, which is data then",
    "Broken(text.reason)": "a file that is no text, which is told in the words of whoever reads it",
}


def sentences(module: ModuleType) -> Iterator[tuple[int, int, str]]:
    """Yield the first and the last line of each statement that makes a sentence, and the statement."""
    source = inspect.getsource(module)
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            is_made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS
            is_told = isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and _is_text(node.value.elts[0])
            is_worded = function.name == "_words" and isinstance(node, ast.Return)
            if is_made or is_told or is_worded:
                assert isinstance(node, ast.expr | ast.stmt)
                yield node.lineno, node.end_lineno or node.lineno, ast.unparse(node)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_every_sentence_about_a_document_is_in_a_row(tmp_path: Path) -> None:
    files = {inspect.getsourcefile(module): set[int]() for module in MODULES}

    def line(frame: FrameType, event: str, _: object) -> Any:
        files[frame.f_code.co_filename].add(frame.f_lineno)
        return line

    def call(frame: FrameType, event: str, _: object) -> Any:
        return line if frame.f_code.co_filename in files else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        for number, row in enumerate(ROWS):
            folder = tmp_path / str(number)
            folder.mkdir()
            reasons(row, folder)
    finally:
        sys.settrace(before)
    missed = [
        f"{module.__name__}:{first}: {text}"
        for module in MODULES
        for first, last, text in sentences(module)
        if files[inspect.getsourcefile(module)].isdisjoint(range(first, last + 1))
        and not any(known in text for known in UNREACHABLE)
    ]
    assert not missed, "\n".join(missed)
