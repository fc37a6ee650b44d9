"""Documents that are small and made to need much work: a function for each kind, with its size as the argument.

Each returns the files of a document by name; the first is the entry. `FAMILIES` has them all by name. Not for programs
that read what a folder holds: everything is made from a number.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Files: TypeAlias = dict[str, Any]

OK: Json = {"200": {"description": "x"}}


def write(files: Files, folder: Path) -> Path:
    """Write the files of a document, and return its entry."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder / next(iter(files))


def _document(version: str, paths: Json, **components: Json) -> Json:
    found: Json = {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": paths}
    return {**found, "components": components} if components else found


def _get(schema: Any, **operation: Any) -> Json:
    """A Path Item whose GET answers with a schema."""
    content = {"application/json": {"schema": schema}}
    return {"get": {**operation, "responses": {"200": {"description": "x", "content": content}}}}


def _to(name: str, kind: str = "schemas") -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _files(document: Json, **others: Any) -> Files:
    return {"api.json": document, **others}


# --- chains of references -----------------------------------------------------------------------------------------


def chain_of_schemas(n: int, version: str = "3.0.3") -> Files:
    """Each schema has a property that refers to the next."""
    schemas = {f"S{i}": {"type": "object", "properties": {"n": _to(f"S{min(i + 1, n - 1)}")}} for i in range(n)}
    return _files(_document(version, {"/a": _get(_to("S0"))}, schemas=schemas))


def cycle_of_schemas(n: int) -> Files:
    """Each schema has a property that refers to the next, the last to the first; endpoints begin at twenty of them."""
    schemas = {f"S{i}": {"type": "object", "properties": {"n": _to(f"S{(i + 1) % n}")}} for i in range(n)}
    return _files(_document("3.0.3", {f"/p{i}": _get(_to(f"S{i}")) for i in range(min(n, 20))}, schemas=schemas))


def chain_of_names(n: int, version: str = "3.0.3") -> Files:
    """Each schema is nothing but a reference to the next."""
    schemas: Json = {f"S{i}": _to(f"S{i + 1}") for i in range(n - 1)}
    return _files(_document(version, {"/a": _get(_to("S0"))}, schemas={**schemas, f"S{n - 1}": {"type": "string"}}))


def chain_of_names_31(n: int) -> Files:
    """As `chain_of_names`, in 3.1, where a `$ref` is a keyword."""
    return chain_of_names(n, "3.1.0")


def cycle_of_names(n: int) -> Files:
    """Each schema is nothing but a reference to the next, and the last to the first."""
    schemas = {f"S{i}": _to(f"S{(i + 1) % n}") for i in range(n)}
    return _files(_document("3.0.3", {f"/p{i}": _get(_to(f"S{i}")) for i in range(min(n, 20))}, schemas=schemas))


def chain_of_responses(n: int) -> Files:
    """Each response is nothing but a reference to the next."""
    responses: Json = {f"R{i}": _to(f"R{i + 1}", "responses") for i in range(n - 1)}
    paths = {"/a": {"get": {"responses": {"200": _to("R0", "responses")}}}}
    return _files(_document("3.0.3", paths, responses={**responses, f"R{n - 1}": {"description": "x"}}))


def chain_of_parameters(n: int) -> Files:
    """Each parameter is a reference to the next, and an operation has all of them."""
    last = {"name": "q", "in": "query", "schema": {"type": "string"}}
    parameters: Json = {f"P{i}": _to(f"P{i + 1}", "parameters") for i in range(n - 1)}
    listed = [_to(f"P{i}", "parameters") for i in range(n)]
    paths = {"/a": {"get": {"parameters": listed[:1], "responses": OK}}}
    return _files(_document("3.0.3", paths, parameters={**parameters, f"P{n - 1}": last}))


def chain_of_paths(n: int) -> Files:
    """Each path is nothing but a reference to the next (3.0)."""
    paths: Json = {f"/p{i}": {"$ref": f"#/paths/~1p{i + 1}"} for i in range(n - 1)}
    return _files(_document("3.0.3", {**paths, f"/p{n - 1}": {"get": {"responses": OK}}}))


def cycle_of_paths(n: int) -> Files:
    """Each path is nothing but a reference to the next, and the last to the first."""
    return _files(_document("3.0.3", {f"/p{i}": {"$ref": f"#/paths/~1p{(i + 1) % n}"} for i in range(n)}))


def chain_of_paths_with_summaries(n: int) -> Files:
    """Each path is a reference to the next with a text of its own."""
    paths: Json = {f"/p{i}": {"$ref": f"#/paths/~1p{i + 1}", "summary": str(i)} for i in range(n - 1)}
    return _files(_document("3.1.0", {**paths, f"/p{n - 1}": {"get": {"responses": OK}}}))


def chain_of_path_items(n: int) -> Files:
    """Each Path Item among the components is a reference to the next."""
    items: Json = {f"P{i}": _to(f"P{i + 1}", "pathItems") for i in range(n - 1)}
    items[f"P{n - 1}"] = {"get": {"responses": OK}}
    return _files(_document("3.1.0", {"/a": _to("P0", "pathItems")}, pathItems=items))


def chain_in_files(n: int) -> Files:
    """Each schema stands in a file of its own, and refers to the next."""
    files: Files = {f"s/s{i}.json": {"properties": {"n": {"$ref": f"s{min(i + 1, n - 1)}.json"}}} for i in range(n)}
    return {**_files(_document("3.0.3", {"/a": _get({"$ref": "s/s0.json"})})), **files}


def chain_in_one_file(n: int) -> Files:
    """The schemas of another file refer to one another; all are moved into the slice."""
    schemas = {f"S{i}": {"properties": {"n": {"$ref": f"#/S{min(i + 1, n - 1)}"}}} for i in range(n)}
    return {**_files(_document("3.0.3", {"/a": _get({"$ref": "s.json#/S0"})})), "s.json": schemas}


def chain_of_names_in_one_file(n: int) -> Files:
    """The schemas of another file are nothing but references to one another."""
    schemas: Json = {f"S{i}": {"$ref": f"#/S{i + 1}"} for i in range(n - 1)}
    paths = {"/a": _get({"$ref": "s.json#/S0"})}
    return {**_files(_document("3.0.3", paths)), "s.json": {**schemas, f"S{n - 1}": {"type": "string"}}}


def chain_into_operations(n: int) -> Files:
    """Each operation refers into the response of the next, in rows of ten."""
    into = "get/responses/200/content/application~1json/schema/properties/m"
    paths: Json = {}
    for i in range(n):
        target = {"$ref": f"#/paths/~1p{i + 1}/{into}"} if i % 10 < 9 and i < n - 1 else {"type": "string"}
        paths[f"/p{i}"] = _get({"properties": {"m": {"type": "object", "properties": {"z": target}}}})
    return _files(_document("3.0.3", paths))


def chain_into_one_schema(n: int) -> Files:
    """References lead from one property of a schema to the next."""
    inside = "#/components/schemas/S/properties/p"
    properties = {f"p{i}": {"properties": {"q": {"$ref": f"{inside}{min(i + 1, n - 1)}"}}} for i in range(n)}
    schemas = {"S": {"type": "object", "properties": properties}}
    return _files(_document("3.0.3", {"/a": _get({"$ref": f"{inside}0"})}, schemas=schemas))


def chain_of_callbacks(n: int) -> Files:
    """The operation in each callback has the next."""
    called: Json = {}
    for i in range(n):
        further = {"callbacks": {"c": _to(f"C{i + 1}", "callbacks")}} if i < n - 1 else {}
        called[f"C{i}"] = {"http://x": {"post": {"responses": OK, **further}}}
    paths = {"/a": {"get": {"callbacks": {"c": _to("C0", "callbacks")}, "responses": OK}}}
    return _files(_document("3.0.3", paths, callbacks=called))


def chain_of_links(n: int) -> Files:
    """Each operation has a Link to the next."""
    paths: Json = {}
    for i in range(n):
        responses = {"200": {"description": "x", "links": {"l": {"operationId": f"o{(i + 1) % n}"}}}}
        paths[f"/p{i}"] = {"get": {"operationId": f"o{i}", "responses": responses}}
    return _files(_document("3.0.3", paths))


def chain_of_tags(n: int) -> Files:
    """Each tag has the one before as its parent (3.2)."""
    tags = [{"name": f"t{i}", **({"parent": f"t{i - 1}"} if i else {})} for i in range(n)]
    document = _document("3.2.0", {"/a": {"get": {"tags": [f"t{n - 1}"], "responses": OK}}})
    return _files({**document, "tags": tags})


# --- discriminators ----------------------------------------------------------------------------------------------


def _base(**more: Any) -> Json:
    discriminator = {"propertyName": "k"}
    return {"required": ["k"], "properties": {"k": {"type": "string"}}, "discriminator": discriminator, **more}


def chain_of_mappings(n: int) -> Files:
    """The discriminator of each schema maps a value to the next."""
    schemas = {f"S{i}": _base() for i in range(n)}
    for i in range(n):
        mapping = {"x": f"#/components/schemas/S{min(i + 1, n - 1)}"}
        schemas[f"S{i}"]["discriminator"] = {"propertyName": "k", "mapping": mapping}
    return _files(_document("3.0.3", {"/a": _get(_to("S0"))}, schemas=schemas))


def chain_of_bases(n: int) -> Files:
    """Each schema has a discriminator, and builds on the one before: all are alternates of all before."""
    schemas = {f"S{i}": _base(**({"allOf": [_to(f"S{i - 1}")]} if i else {})) for i in range(n)}
    return _files(_document("3.0.3", {"/a": _get(_to("S0"))}, schemas=schemas))


def chain_of_bases_in_one_file(n: int) -> Files:
    """As `chain_of_bases`, in another file; an operation refers to the last."""
    schemas = {f"S{i}": _base(**({"allOf": [{"$ref": f"#/S{i - 1}"}]} if i else {})) for i in range(n)}
    return {**_files(_document("3.0.3", {"/a": _get({"$ref": f"s.json#/S{n - 1}"})})), "s.json": schemas}


def children_of_one_base(n: int, version: str = "3.0.3") -> Files:
    """All schemas build on the one with a discriminator."""
    children = {f"C{i}": {"allOf": [_to("B"), {"properties": {"x": {"type": "string"}}}]} for i in range(n)}
    return _files(_document(version, {"/a": _get(_to("B"))}, schemas={"B": _base(), **children}))


def children_of_one_base_31(n: int) -> Files:
    """As `children_of_one_base`, in 3.1."""
    return children_of_one_base(n, "3.1.0")


def children_by_other_names(n: int) -> Files:
    """A chain of other names of a base, and a schema built on each of them."""
    names = {f"A{i}": _to(f"A{i - 1}" if i else "B") for i in range(n)}
    children = {f"C{i}": {"allOf": [_to(f"A{i}")]} for i in range(n)}
    return _files(_document("3.0.3", {"/a": _get(_to("B"))}, schemas={"B": _base(), **names, **children}))


def bases_in_operations(n: int) -> Files:
    """Each operation has a base inside, which a schema builds on."""
    into = "get/responses/200/content/application~1json/schema"
    children = {f"C{i}": {"allOf": [{"$ref": f"#/paths/~1p{i}/{into}"}]} for i in range(n)}
    return _files(_document("3.0.3", {f"/p{i}": _get(_base()) for i in range(n)}, schemas=children))


# --- schemas that stand for much ---------------------------------------------------------------------------------


def _doubling(n: int, keyword: str, version: str, last: Json, default: Any) -> Files:
    schemas: Json = {f"S{i}": {keyword: [_to(f"S{i + 1}"), _to(f"S{i + 1}")]} for i in range(n - 1)}
    schema = {"allOf": [_to("S0")], "default": default}
    return _files(_document(version, {"/a": _get(schema)}, schemas={**schemas, f"S{n - 1}": last}))


def doubling_all_of(n: int) -> Files:
    """Each schema refers to the next twice in `allOf`; a default is at the top."""
    return _doubling(n, "allOf", "3.0.3", {"type": "object"}, {"a": 1})


def doubling_any_of(n: int) -> Files:
    """As `doubling_all_of`, with `anyOf` that no member of fits, in 3.1."""
    return _doubling(n, "anyOf", "3.1.0", {"type": "string"}, {"a": 1})


def doubling_one_of(n: int) -> Files:
    """As `doubling_all_of`, with `oneOf`."""
    return _doubling(n, "oneOf", "3.0.3", {"type": "object"}, {"a": 1})


def doubling_otherwise(n: int) -> Files:
    """Each schema refers to the next in `if`, `not`, `then` and a property that the default has (3.1)."""
    schemas: Json = {}
    for i in range(n - 1):
        further = _to(f"S{i + 1}")
        schemas[f"S{i}"] = {"if": further, "then": further, "not": {"not": further}, "properties": {"a": further}}
    schema = {"allOf": [_to("S0")], "default": {"a": {"a": {}}}}
    return _files(_document("3.1.0", {"/a": _get(schema)}, schemas={**schemas, f"S{n - 1}": {"type": "object"}}))


def defaults_in_a_chain(n: int) -> Files:
    """Each schema has a default, and builds on the next."""
    schemas = {f"S{i}": {"default": {}, "allOf": [_to(f"S{i + 1}")]} for i in range(n - 1)}
    return _files(_document("3.1.0", {"/a": _get(_to("S0"))}, schemas={**schemas, f"S{n - 1}": {"type": "object"}}))


def default_of_a_loop(n: int) -> Files:
    """A schema with a default builds on itself, by way of others."""
    schemas = {f"S{i}": {"allOf": [_to(f"S{(i + 1) % n}")]} for i in range(n)}
    return _files(_document("3.1.0", {"/a": _get({"allOf": [_to("S0")], "default": {}})}, schemas=schemas))


def defaults_one_by_one(n: int) -> Files:
    """Each schema has a default with a member, for which the next schema has one."""
    schemas = {f"S{i}": {"default": {"n": {}}, "properties": {"n": _to(f"S{min(i + 1, n - 1)}")}} for i in range(n)}
    return _files(_document("3.0.3", {"/a": _get(_to("S0"))}, schemas=schemas))


def large_default(n: int) -> Files:
    """A default with many members, for a recursive schema with many alternatives."""
    alternatives = [{"properties": {f"p{i}": _to("S")}, "required": [f"p{i}"]} for i in range(n)]
    schema = {"anyOf": [*alternatives, {"type": "array", "items": _to("S")}, {"type": "integer"}]}
    return _files(
        _document("3.1.0", {"/a": _get({"allOf": [_to("S")], "default": list(range(n))})}, schemas={"S": schema})
    )


def unique_default(n: int) -> Files:
    """A long list as the default of a schema whose items must be unique."""
    schema = {"type": "array", "uniqueItems": True, "default": [{"k": i} for i in range(n)]}
    return _files(_document("3.1.0", {"/a": _get(schema)}))


def pattern(n: int) -> Files:
    """A pattern that takes exponential time where it is matched by trying."""
    schema = {"type": "string", "pattern": "^(a+)+$", "default": "a" * n + "b", "example": "a" * n + "b"}
    named = {"type": "object", "patternProperties": {"^(a|a)*$": {"type": "string"}}, "default": {"a" * n + "b": 1}}
    return _files(_document("3.1.0", {"/a": _get(schema), "/b": _get(named)}))


def path_for_a_filter(n: int) -> Files:
    """A path for a user's own filter, such as `^/(a+)+$`, to take exponential time."""
    return _files(_document("3.0.3", {"/" + "a" * n + "b": {"get": {"responses": OK}}}))


def callbacks_that_double(n: int) -> Files:
    """Each path has two callbacks whose Path Items are references to the next path (3.0: these are inlined)."""
    paths: Json = {}
    for i in range(n):
        further = {"http://x": {"$ref": f"#/paths/~1p{i + 1}"}, "http://y": {"$ref": f"#/paths/~1p{i + 1}"}}
        paths[f"/p{i}"] = {"get": {"responses": OK, **({"callbacks": {"c": further}} if i < n - 1 else {})}}
    return _files(_document("3.0.3", paths))


def callbacks_in_a_chain(n: int) -> Files:
    """Each path has a callback whose Path Item is a reference to the next path (3.0)."""
    paths: Json = {}
    for i in range(n):
        further = {"callbacks": {"c": {"http://x": {"$ref": f"#/paths/~1p{i + 1}"}}}} if i < n - 1 else {}
        paths[f"/p{i}"] = {"get": {"responses": OK, **further}}
    return _files(_document("3.0.3", paths))


def callbacks_of_all(n: int) -> Files:
    """Each path has callbacks whose Path Items are references to all others (3.0)."""
    paths: Json = {}
    for i in range(n):
        called = {f"http://x/{j}": {"$ref": f"#/paths/~1p{j}"} for j in range(n) if j != i}
        paths[f"/p{i}"] = {"get": {"responses": OK, "callbacks": {"c": called}}}
    return _files(_document("3.0.3", paths))


def strays_that_double(n: int) -> Files:
    """References where none may stand: each list of parameters is made of two references to the next."""
    shared = {f"r{i}": {"a": {"$ref": f"#/x-shared/r{i + 1}"}, "b": {"$ref": f"#/x-shared/r{i + 1}"}} for i in range(n)}
    shared[f"r{n}"] = {"a": {"description": "x"}, "b": {"description": "x"}}
    document = _document("3.0.3", {"/a": {"get": {"responses": {"$ref": "#/x-shared/r0"}}}})
    return _files({**document, "x-shared": shared})


def operations_in_a_chain(n: int) -> Files:
    """Each operation is a reference to the next one, which no version allows."""
    paths: Json = {f"/p{i}": {"get": {"$ref": f"#/paths/~1p{i + 1}/get"}} for i in range(n - 1)}
    return _files(_document("3.0.3", {**paths, f"/p{n - 1}": {"get": {"responses": OK}}}))


def texts_over_a_chain(n: int) -> Files:
    """Each response is a reference to the next with a text of its own (3.1, for conversions to 3.0)."""
    said: Json = {f"R{i}": {**_to(f"R{i + 1}", "responses"), "description": str(i)} for i in range(n - 1)}
    paths = {"/a": {"get": {"responses": {"200": _to("R0", "responses")}}}}
    return _files(_document("3.1.0", paths, responses={**said, f"R{n - 1}": {"description": "x"}}))


def extensions_that_double(n: int) -> Files:
    """Each `x-` field has two references to the next."""
    held = {f"e{i}": {"a": {"$ref": f"#/x-held/e{i + 1}"}, "b": {"$ref": f"#/x-held/e{i + 1}"}} for i in range(n)}
    document = _document("3.1.0", {"/a": {"get": {"x-own": {"$ref": "#/x-held/e0"}, "responses": OK}}})
    return _files({**document, "x-held": {**held, f"e{n}": {"z": 1}}})


def extensions_of_all(n: int) -> Files:
    """Each `x-` field has references to all others."""
    held = {f"e{i}": {f"p{j}": {"$ref": f"#/x-held/e{j}"} for j in range(n) if j != i} for i in range(n)}
    document = _document("3.1.0", {"/a": {"get": {"x-own": {"$ref": "#/x-held/e0"}, "responses": OK}}})
    return _files({**document, "x-held": held})


# --- names and bases -----------------------------------------------------------------------------------------------


def anchors(n: int) -> Files:
    """Each schema has an anchor, and refers to the next by it."""
    schemas = {f"S{i}": {"$anchor": f"a{i}", "properties": {"n": {"$ref": f"#a{min(i + 1, n - 1)}"}}} for i in range(n)}
    return _files(_document("3.1.0", {"/a": _get({"$ref": "#a0"})}, schemas=schemas))


def identifiers(n: int) -> Files:
    """Each schema has an `$id`, and refers to the next by it."""
    schemas = {
        f"S{i}": {"$id": f"http://x.y/s{i}", "properties": {"n": {"$ref": f"s{min(i + 1, n - 1)}"}}} for i in range(n)
    }
    return _files(_document("3.1.0", {"/a": _get(_to("S0"))}, schemas=schemas))


def identifiers_in_one_schema(n: int) -> Files:
    """The properties of one schema have an `$id` each, and refer to one another."""
    inside = {f"p{i}": {"$id": f"http://x.y/s{i}", "items": {"$ref": f"s{min(i + 1, n - 1)}"}} for i in range(n)}
    return _files(_document("3.1.0", {"/a": _get(_to("S"))}, schemas={"S": {"properties": inside}}))


def dynamic_anchors(n: int) -> Files:
    """All schemas have the same dynamic anchor, and refer to it."""
    schemas: Json = {}
    for i in range(n):
        inside = {"n": _to(f"S{min(i + 1, n - 1)}"), "m": {"$dynamicRef": "#x"}}
        schemas[f"S{i}"] = {"$dynamicAnchor": "x", "properties": inside}
    return _files(_document("3.1.0", {"/a": _get(_to("S0"))}, schemas=schemas))


def long_names(n: int) -> Files:
    """Names of hundreds of characters, in all places that have names."""
    long = "n" * 20 * n
    schemas = {f"{long}{i}": {"properties": {long: _to(f"{long}{(i + 1) % 8}")}} for i in range(8)}
    paths = {f"/{long}/{{{long}}}": _get(_to(f"{long}0"), operationId=long, tags=[long])}
    return _files(_document("3.0.3", paths, schemas=schemas))


def files_of_like_names(n: int) -> Files:
    """Paths whose slices would have the same name."""
    return _files(_document("3.0.3", {"/x" + "-" * i: {"get": {"responses": OK}} for i in range(n)}))


def moved_of_like_names(n: int) -> Files:
    """Moved schemas that all would have the same name."""
    files: Files = {f"f{i}.json": {"User": {"title": str(i)}} for i in range(n)}
    properties = {f"p{i}": {"$ref": f"f{i}.json#/User"} for i in range(n)}
    return {**_files(_document("3.0.3", {"/a": _get({"properties": properties})})), **files}


# --- much of one thing ---------------------------------------------------------------------------------------------


def types_that_do_not_exist(n: int) -> Files:
    """Each endpoint has a fault of its own in its structure."""
    return _files(_document("3.0.3", {f"/p{i}": _get({"type": "strng"}) for i in range(n)}))


def fields_that_do_not_exist(n: int) -> Files:
    """Each endpoint has a field that is no field, with a name that nearly is one."""
    return _files(_document("3.0.3", {f"/p{i}": _get({"type": "string"}, sumary=str(i)) for i in range(n)}))


def faults_in_one_schema(n: int) -> Files:
    """One schema has many faults."""
    schemas = {"S": {"properties": {f"p{i}": {"type": "strng"} for i in range(n)}}}
    return _files(_document("3.0.3", {"/a": _get(_to("S"))}, schemas=schemas))


def missing_schemas(n: int) -> Files:
    """Each endpoint refers to a schema that is not there, with a name like those that are."""
    schemas = {f"Schema{i}": {"type": "string"} for i in range(n)}
    return _files(_document("3.0.3", {f"/p{i}": _get(_to(f"Schena{i}")) for i in range(n)}, schemas=schemas))


def missing_parameters(n: int) -> Files:
    """Each path has parameters in its template that the operation lacks."""
    return _files(_document("3.0.3", {f"/p{i}/{{a}}/{{b{i}}}": {"get": {"responses": OK}} for i in range(n)}))


def wrong_defaults(n: int) -> Files:
    """Each schema has a default that does not fit."""
    schemas = {f"S{i}": {"type": "integer", "default": "x" * i} for i in range(n)}
    listed = {"properties": {f"p{i}": _to(f"S{i}") for i in range(n)}}
    return _files(_document("3.0.3", {"/a": _get(listed)}, schemas=schemas))


def many_parameters(n: int) -> Files:
    """One operation has many parameters, and its path has the same."""
    listed = [{"name": f"p{i}", "in": "query", "schema": {"type": "string"}} for i in range(n)]
    return _files(_document("3.0.3", {"/a": {"parameters": listed, "get": {"parameters": listed, "responses": OK}}}))


def many_responses(n: int) -> Files:
    """One operation has many responses that are no status codes."""
    return _files(_document("3.0.3", {"/a": {"get": {"responses": {**OK, **{f"{i}xz": OK["200"] for i in range(n)}}}}}))


def many_values(n: int) -> Files:
    """An enum of many values, of which each stands twice."""
    values = [f"e{i}" for i in range(n)] * 2
    return _files(_document("3.1.0", {"/a": _get({"items": {"enum": values, "default": "e0"}})}))


def many_schemes(n: int) -> Files:
    """The root's security has many requirements with many schemes."""
    schemes = {f"s{i}": {"type": "http", "scheme": "basic"} for i in range(n)}
    document = _document("3.0.3", {"/a": {"get": {"responses": OK}}}, securitySchemes=schemes)
    return _files({**document, "security": [{f"s{i}": []} for i in range(n)]})


def many_templates(n: int) -> Files:
    """Paths that differ only in the names of their parameters."""
    paths = {}
    for i in range(n):
        parameter = {"name": f"a{i}", "in": "path", "required": True, "schema": {"type": "string"}}
        paths[f"/p/{{a{i}}}"] = {"get": {"parameters": [parameter], "responses": OK}}
    return _files(_document("3.0.3", paths))


def one_operation_id(n: int) -> Files:
    """All operations have the same operationId."""
    return _files(_document("3.0.3", {f"/p{i}": {"get": {"operationId": "same", "responses": OK}} for i in range(n)}))


def many_extensions(n: int) -> Files:
    """Many `x-` fields beside the paths, which every slice keeps."""
    paths = {f"x-{i}": i for i in range(n)}
    return _files(_document("3.0.3", {**paths, "/a": {"get": {"responses": OK}}, "/b": {"get": {"responses": OK}}}))


def deep_nesting(n: int) -> Files:
    """A schema whose `not`s are nested deeper than any document needs."""
    schema: Json = {"type": "string"}
    for _ in range(n):
        schema = {"not": schema}
    return _files(_document("3.0.3", {"/a": _get(schema)}))


def files_around_one(n: int) -> Files:
    """Each endpoint stands in a file of its own."""
    files: Files = {f"p{i}.json": {"get": {"operationId": f"o{i}", "responses": OK}} for i in range(n)}
    return {**_files(_document("3.0.3", {f"/p{i}": {"$ref": f"p{i}.json"} for i in range(n)})), **files}


def references_of_all(n: int) -> Files:
    """One operation refers to every link of a chain, the last first."""
    schemas = {f"S{i}": {"properties": {"n": _to(f"S{min(i + 1, n - 1)}")}} for i in range(n)}
    listed = {"properties": {f"p{i}": _to(f"S{i}") for i in reversed(range(n))}}
    return _files(_document("3.0.3", {"/a": _get(listed)}, schemas=schemas))


def moved_into_many(n: int) -> Files:
    """One operation refers into many places of other operations."""
    into = "get/responses/200/content/application~1json/schema"
    paths: Json = {f"/p{i}": _get({"type": "object", "title": str(i)}) for i in range(n)}
    listed = {"properties": {f"p{i}": {"$ref": f"#/paths/~1p{i}/{into}"} for i in range(n)}}
    return _files(_document("3.0.3", {"/a": _get(listed), **paths}))


def aliases(n: int) -> Files:
    """YAML aliases, each of which stands for two of the next."""
    lines = ["openapi: 3.0.3", "info: {title: t, version: '1'}", "x-0: &a0 [1, 2]"]
    lines += [f"x-{i + 1}: &a{i + 1} [*a{i}, *a{i}]" for i in range(n)]
    lines += ["paths:", "  /a:", "    get:", "      responses: {'200': {description: x}}"]
    return {"api.yaml": "\n".join(lines)}


def many_aliases(n: int) -> Files:
    """One YAML anchor with many aliases."""
    lines = ["openapi: 3.0.3", "info: {title: t, version: '1'}", "x-0: &a {k: v}", "x-1:"]
    lines += ["- *a"] * n
    lines += ["paths:", "  /a:", "    get:", "      responses: {'200': {description: x}}"]
    return {"api.yaml": "\n".join(lines)}


def merge_keys(n: int) -> Files:
    """YAML merge keys, each of which takes the mapping before and adds a key."""
    lines = ["openapi: 3.0.3", "info: {title: t, version: '1'}", "x-0: &a0 {k: v}"]
    lines += [f"x-{i + 1}: &a{i + 1} {{<<: *a{i}, k{i}: v}}" for i in range(n)]
    lines += ["paths:", "  /a:", "    get:", "      responses: {'200': {description: x}}"]
    return {"api.yaml": "\n".join(lines)}


_NOT_FAMILIES = {"write"}

#: All of them by name.
FAMILIES: dict[str, Callable[[int], Files]] = {
    name: made
    for name, made in list(globals().items())
    if callable(made)
    and not name.startswith("_")
    and name not in _NOT_FAMILIES
    and getattr(made, "__module__", "") == __name__
}
