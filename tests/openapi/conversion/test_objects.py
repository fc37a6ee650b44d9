"""The objects around the schemas, in and out: one test for each rule of SEMANTICS section 4."""

from __future__ import annotations

from typing import Any

import pytest

from oas_tasks.openapi.conversion import Surroundings, convert, stays, target_version
from oas_tasks.openapi.model import Family, FieldType
from tests.openapi.conversion.whole_documents import surroundings

BYTES = {"type": "string", "format": "binary", "maxLength": 5}


def one(kind: str) -> FieldType:
    return FieldType(kind, "one", True)


def told(source: Any, target: Any, field: FieldType, value: Any, around: Surroundings | None = None) -> Any:
    made = convert(source, target, field, value, around or Surroundings())
    return made.value, [("/".join(loss.tokens), loss.kind, loss.became) for loss in made.losses]


@pytest.mark.parametrize(
    ("source", "target", "version"), [("3.0", "3.1", "3.1.2"), ("3.0", "3.2", "3.2.0"), ("3.2", "3.0", "3.0.4")]
)
def test_the_heading_gets_the_version_of_the_target(source: Family, target: Family, version: str) -> None:
    heading: Any = {"openapi": source + ".1", "info": {"title": "T", "version": "1"}}
    made, losses = told(source, target, FieldType("OpenAPI", "one", False), heading)
    assert (made["openapi"], losses, target_version(target)) == (version, [], version)
    assert made["info"] is heading["info"]
    assert list(made) == ["openapi", "info"]


def test_to_its_own_family_nothing_is_converted() -> None:
    heading: Any = {"openapi": "3.1.0"}
    assert convert("3.1", "3.1", FieldType("OpenAPI", "one", False), heading).value is heading


def test_a_heading_of_31_loses_in_30() -> None:
    heading: Any = {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "urn:d",
        "info": {"title": "T", "summary": "S", "license": {"name": "M", "identifier": "MIT"}},
        "webhooks": {"w": {"post": {"requestBody": {"content": {"a/b": {"schema": {"propertyNames": {"const": 1}}}}}}}},
        "components": {"pathItems": {"A": {"get": {}}}, "schemas": {}},
    }
    made, losses = told("3.1", "3.0", FieldType("OpenAPI", "one", False), heading)
    assert made == {
        "openapi": "3.0.4",
        "x-jsonSchemaDialect": "urn:d",
        "info": {"title": "T", "x-summary": "S", "license": {"name": "M", "x-identifier": "MIT"}},
        "x-webhooks": heading["webhooks"],
        "components": {"schemas": {}},
        "paths": {},
    }
    assert losses == [
        ("info/license/identifier", "lossy", "kept as 'x-identifier'"),
        ("info/summary", "lossy", "kept as 'x-summary'"),
        ("jsonSchemaDialect", "lossy", "kept as 'x-jsonSchemaDialect'"),
        ("webhooks", "lossy", "kept as 'x-webhooks'"),
    ]


def test_the_dialect_of_openapi_itself_is_not_written() -> None:
    for source, target in (("3.1", "3.0"), ("3.1", "3.2"), ("3.2", "3.1")):
        heading = {"openapi": "3.1.0", "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base"}
        made, losses = told(source, target, FieldType("OpenAPI", "one", False), heading)
        assert (list(made), losses) == (["openapi"], [])


def test_siblings_of_a_reference_object_go() -> None:
    reference = {"$ref": "#/components/parameters/Q"}
    written = {**reference, "description": "d", "required": True}
    field = FieldType("Parameter", "list", True)
    assert told("3.0", "3.1", field, [written]) == ([reference], [])
    assert told("3.1", "3.0", field, [written]) == ([reference], [("0/description", "lossy", "dropped")])
    assert told("3.1", "3.2", field, [written])[0][0] is written
    # A Parameter has no summary, so that one beside the reference has no effect.
    assert told("3.1", "3.0", field, [{**reference, "summary": "s"}]) == ([reference], [])


def test_siblings_of_a_path_items_reference_stay() -> None:
    item: Any = {"/a": {"$ref": "#/paths/~1b", "summary": "s"}}
    assert convert("3.0", "3.1", FieldType("Paths", "one", False), item).value is item


def test_the_choices_of_a_server_variable() -> None:
    server = {"url": "/", "variables": {"a": {"enum": [], "default": "x"}, "b": {"enum": ["y"], "default": "x"}}}
    made, losses = told("3.0", "3.1", FieldType("Server", "list", False), [server])
    assert made[0]["variables"] == {"a": {"default": "x"}, "b": {"enum": ["y"], "default": "x"}}
    assert losses == [("0/variables/b/default", "lossy", "kept as it is")]


@pytest.mark.parametrize("target", ["3.1", "3.2"])
def test_fields_without_effect_outside_of_the_query_are_dropped(target: Family) -> None:
    dead = {"allowReserved": True, "allowEmptyValue": True}
    for place in ("path", "header", "cookie"):
        parameter: Any = {"name": "p", "in": place, "schema": {}}
        assert told("3.0", target, one("Parameter"), {**parameter, **dead}) == (parameter, [])
    header: Any = {"schema": {}}
    assert told("3.0", target, FieldType("Header", "map", True), {"H": {**header, **dead}}) == ({"H": header}, [])
    query: Any = {"name": "q", "in": "query", "schema": {}, **dead}
    assert told("3.0", target, one("Parameter"), query) == (query, [])


@pytest.mark.parametrize("place", ["path", "cookie"])
def test_reserved_characters_outside_of_the_query_are_new_in_32(place: str) -> None:
    parameter: Any = {"name": "p", "in": place, "schema": {}}
    reserved, aside = {**parameter, "allowReserved": True}, {**parameter, "x-allowReserved": True}
    losses = [("allowReserved", "lossy", "kept as 'x-allowReserved'")]
    for source, target in (("3.2", "3.1"), ("3.2", "3.0"), ("3.1", "3.2")):
        assert told(source, target, one("Parameter"), reserved) == (aside, losses)
    assert told("3.2", "3.1", one("Parameter"), {**parameter, "allowReserved": False}) == (parameter, [])


def test_how_a_part_of_multipart_is_written_has_no_effect_in_30() -> None:
    def body(media_type: str, encoding: Any) -> Any:
        return {"content": {media_type: {"schema": {}, "encoding": {"a": encoding}}}}

    encoding = {"contentType": "text/plain", "style": "deepObject", "explode": False, "allowReserved": True}
    kept = {"contentType": "text/plain"}
    aside = {f"x-{name}": value for name, value in encoding.items()}
    for media_type in ("multipart/form-data", "Multipart/Form-Data; boundary=b"):
        for target in ("3.1", "3.2"):
            assert told("3.0", target, one("RequestBody"), body(media_type, encoding)) == (body(media_type, kept), [])
        for source in ("3.1", "3.2"):
            made, losses = told(source, "3.0", one("RequestBody"), body(media_type, encoding))
            assert made == body(media_type, aside)
            assert told(source, "3.0", one("RequestBody"), body(media_type, kept)) == (body(media_type, kept), [])
            assert losses == [
                (f"content/{media_type}/encoding/a/{name}", "lossy", f"kept as 'x-{name}'") for name in encoding
            ]
    for media_type in ("application/x-www-form-urlencoded", "multipart/mixed"):
        written = body(media_type, encoding)
        for source, target in (("3.0", "3.1"), ("3.1", "3.0")):
            assert told(source, target, one("RequestBody"), written) == (written, [])


OCTETS = "application/octet-stream"


@pytest.mark.parametrize(
    ("media_type", "said"),
    [("image/png", "image/png"), ("image/*", OCTETS), ("application/zip", "application/zip"), (OCTETS, OCTETS)],
)
def test_a_binary_body_is_of_its_media_type(media_type: str, said: str) -> None:
    body = {"content": {media_type: {"schema": BYTES}}}
    made, losses = told("3.0", "3.1", one("RequestBody"), body)
    assert (made, losses) == ({"content": {media_type: {"schema": {"contentMediaType": said, "maxLength": 5}}}}, [])
    assert told("3.1", "3.0", one("RequestBody"), made) == (body, [])


@pytest.mark.parametrize(
    "media_type",
    [
        *("application/json", "application/problem+json; charset=utf-8", "application/x-ndjson", "application/xml"),
        *("application/x-www-form-urlencoded", "*/*", "application/*", "application/yaml"),
    ],
)
def test_a_string_of_data_keeps_its_type_whatever_its_format(media_type: str) -> None:
    body = {"content": {media_type: {"schema": BYTES}}}
    made, losses = told("3.0", "3.1", one("RequestBody"), body)
    typed = {"type": "string", "contentMediaType": OCTETS, "maxLength": 5}
    assert (made, losses) == ({"content": {media_type: {"schema": typed}}}, [])
    assert told("3.1", "3.0", one("RequestBody"), made) == (body, [])
    untyped = {"content": {media_type: {"schema": {"contentMediaType": "image/png"}}}}
    made, losses = told("3.1", "3.0", one("RequestBody"), untyped)
    assert made == {"content": {media_type: {"schema": {"x-contentMediaType": "image/png"}}}}
    assert [each[1:] for each in losses] == [("lossy", "kept as 'x-contentMediaType'")]


def test_parts_of_a_form_are_bytes_unless_they_are_declared_as_data() -> None:
    octets = {"contentMediaType": OCTETS}
    binary = {"type": "string", "format": "binary"}
    typed = {"type": "string", **octets}

    def form(of: Any, one_of_two: Any) -> Any:
        properties = {
            "file": of,
            "files": {"type": "array", "items": of},
            "lists": {"type": "array", "items": {"type": "array", "items": one_of_two}},
            "either": {"oneOf": [one_of_two, {"type": "object"}]},
            "inside": {"type": "object", "properties": {"a": one_of_two}},
            "text": one_of_two,
        }
        schema = {"allOf": [{"type": "object", "properties": properties}, {"additionalProperties": of}]}
        encoding = {"file": {"contentType": "image/png, image/jpeg"}, "text": {"contentType": "application/json"}}
        return {"content": {"multipart/form-data": {"schema": schema, "encoding": encoding}}}

    assert told("3.0", "3.1", one("RequestBody"), form(binary, binary)) == (form(octets, typed), [])
    assert told("3.1", "3.0", one("RequestBody"), form(octets, typed)) == (form(binary, binary), [])
    made, losses = told("3.1", "3.0", one("RequestBody"), form(octets, octets))
    assert made == form(binary, {"x-contentMediaType": OCTETS})
    assert len(losses) == 4


def test_bytes_that_are_never_null_say_so() -> None:
    body = {"content": {"image/png": {"schema": {"type": "string", "format": "binary", "nullable": True}}}}
    made, losses = told("3.0", "3.1", one("RequestBody"), body)
    assert made["content"]["image/png"]["schema"] == {"contentMediaType": "image/png", "x-nullable": True}
    assert losses == [("content/image/png/schema/nullable", "lossy", "kept as 'x-nullable'")]


def test_what_named_schemas_describe_is_found_in_a_whole_document() -> None:
    binary = {"type": "string", "format": "binary"}
    schemas: Any = {
        "Sent": binary,
        "Held": {"allOf": [{"$ref": "#/components/schemas/Deep"}]},
        "Deep": {"properties": {"own": binary, "file": {"$ref": "#/components/schemas/Sent"}}},
        "Both": binary,
        "Inside": {"properties": {"a": binary}},
        "Mapped": binary,
    }

    def content(media_type: str, schema: Any) -> Any:
        responses = {"200": {"description": "ok"}}
        return {"post": {"requestBody": {"content": {media_type: {"schema": schema}}}, "responses": responses}}

    def reference(name: str) -> Any:
        return {"$ref": f"#/components/schemas/{name}"}

    root: Any = {
        "openapi": "3.0.4",
        "paths": {
            "/a": content("multipart/mixed", reference("Held")),
            "/b": content("image/png", reference("Both")),
            "/c": content("application/json", reference("Both")),
            "/d": content("multipart/form-data", reference("Inside")),
            "/e": content("application/json", reference("Inside/properties/a")),
            "/f": content(
                "application/pdf",
                {"discriminator": {"propertyName": "p", "mapping": {"m": "Mapped"}}, "allOf": [reference("Mapped")]},
            ),
        },
        "components": {"schemas": schemas},
    }
    whole = FieldType("OpenAPI", "one", False)
    made: Any = convert("3.0", "3.1", whole, root, surroundings("3.0", "3.1", root))
    octets = {"contentMediaType": OCTETS}
    typed = {"type": "string", **octets}
    assert made.value["components"]["schemas"] == {
        "Sent": octets,
        "Held": schemas["Held"],
        "Deep": {"properties": {"own": octets, "file": {"$ref": "#/components/schemas/Sent"}}},
        "Both": typed,
        "Inside": {"properties": {"a": typed}},
        "Mapped": typed,
    }
    assert [loss.tokens[2] for loss in made.losses] == ["Both", "Inside", "Mapped"]
    assert convert("3.1", "3.0", whole, made.value, surroundings("3.1", "3.0", made.value)).value == root


def test_the_media_type_of_a_part_is_kept_aside() -> None:
    schema = {"type": "object", "properties": {"icon": {"contentMediaType": "image/png", "description": "d"}}}
    made, losses = told("3.1", "3.0", one("RequestBody"), {"content": {"multipart/form-data": {"schema": schema}}})
    icon = {"type": "string", "format": "binary", "x-contentMediaType": "image/png", "description": "d"}
    assert made["content"]["multipart/form-data"]["schema"]["properties"]["icon"] == icon
    assert [each[1:] for each in losses] == [("lossy", "kept as 'x-contentMediaType'")]


def test_an_operation_has_responses_in_30() -> None:
    made, losses = told("3.1", "3.0", FieldType("Paths", "one", False), {"/a": {"get": {"operationId": "a"}}})
    assert made == {"/a": {"get": {"operationId": "a", "responses": {"default": {"description": ""}}}}}
    assert losses == []


def test_mutual_tls_is_impossible_in_30_and_left_where_it_is() -> None:
    scheme: Any = {"type": "mutualTLS"}
    assert told("3.1", "3.0", one("SecurityScheme"), scheme) == (
        scheme,
        [("type", "impossible", "left as it is, which 3.0 rejects")],
    )
    root: Any = {"components": {"securitySchemes": {"m": scheme, "k": {"type": "apiKey"}, "o": {"type": "oauth2"}}}}
    around = surroundings("3.1", "3.0", root)
    security = [{"m": [], "k": []}, {"k": ["role"], "o": ["scope"]}]
    assert told("3.1", "3.0", FieldType("SecurityRequirement", "list", False), security, around) == (
        [{"m": [], "k": []}, {"k": [], "o": ["scope"]}],
        [
            ("0/m", "impossible", "left as it is, so that security is not weakened"),
            ("1/k", "lossy", "made an empty list"),
        ],
    )


def test_an_extension_of_a_discriminator_is_dropped_in_30() -> None:
    schema = {"discriminator": {"propertyName": "a", "x-b": 1}}
    assert told("3.1", "3.0", one("Schema"), schema) == (
        {"discriminator": {"propertyName": "a"}},
        [("discriminator/x-b", "lossy", "dropped")],
    )


def test_a_document_of_31_means_the_same_in_32() -> None:
    item: Any = {
        "/a": {
            "get": {
                "security": [{"key": []}],
                "parameters": [{"name": "c", "in": "cookie", "schema": {"type": ["array", "null"]}}],
                "responses": {"200": {"description": "", "content": {"a/b": {"schema": {"xml": {"wrapped": True}}}}}},
            }
        }
    }
    made = convert("3.1", "3.2", FieldType("Paths", "one", False), item)
    assert made.value is item
    assert made.losses == ()


def test_a_field_that_means_nothing_yet_does_not_come_alive() -> None:
    item: Any = {"/a": {"query": {"responses": {}}}}
    assert told("3.1", "3.2", FieldType("Paths", "one", False), item) == (
        {"/a": {"x-query": {"responses": {}}}},
        [("/a/query", "lossy", "kept as 'x-query'")],
    )


def test_a_tag_of_32_keeps_its_text_aside() -> None:
    tag = {"name": "t", "summary": "s", "parent": "p", "kind": "nav"}
    for target in ("3.1", "3.0"):
        made, losses = told("3.2", target, one("Tag"), tag)
        assert made == {"name": "t", "x-summary": "s", "x-parent": "p", "x-kind": "nav"}
        assert [kind for _, kind, _ in losses] == ["lossy"] * 3


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("Server", {"url": "/", "name": "n"}, {"url": "/", "x-name": "n"}),
        ("Response", {"summary": "s", "description": "d"}, {"x-summary": "s", "description": "d"}),
        ("SecurityScheme", {"type": "http", "deprecated": True}, {"type": "http", "x-deprecated": True}),
        ("SecurityScheme", {"oauth2MetadataUrl": "u"}, {"x-oauth2MetadataUrl": "u"}),
        (
            "OAuthFlows",
            {"deviceAuthorization": {"deviceAuthorizationUrl": "u"}},
            {"x-deviceAuthorization": {"deviceAuthorizationUrl": "u"}},
        ),
    ],
)
def test_a_field_that_31_does_not_have_is_kept_aside(kind: str, value: Any, expected: Any) -> None:
    made, losses = told("3.2", "3.1", one(kind), value)
    assert made == expected
    assert [each[1] for each in losses] == ["lossy"]


def test_a_default_mapping_is_set_aside_in_31_and_dropped_in_30() -> None:
    schema = {"discriminator": {"propertyName": "a", "defaultMapping": "B"}}
    made, losses = told("3.2", "3.1", one("Schema"), schema)
    assert made == {"discriminator": {"propertyName": "a", "x-defaultMapping": "B"}}
    assert losses == [("discriminator/defaultMapping", "lossy", "kept as 'x-defaultMapping'")]
    made, losses = told("3.2", "3.0", one("Schema"), schema)
    assert made == {"discriminator": {"propertyName": "a"}}
    assert losses == [("discriminator/defaultMapping", "lossy", "dropped")]


def test_a_response_has_a_description_before_32_and_a_reference_has_none() -> None:
    responses = {"200": {"content": {}}, "404": {"$ref": "#/components/responses/R"}}
    made, losses = told("3.2", "3.1", one("Responses"), responses)
    assert made == {"200": {"description": "", "content": {}}, "404": {"$ref": "#/components/responses/R"}}
    assert losses == []


@pytest.mark.parametrize(
    ("node_type", "schema", "expected"),
    [
        ("attribute", {}, {"attribute": True}),
        ("element", {"type": "array"}, {"wrapped": True}),
        ("element", {"type": "string"}, {}),
        ("none", {"type": "array"}, {}),
        ("none", {"$ref": "#/components/schemas/S"}, {}),
    ],
)
def test_a_node_type_of_xml_becomes_the_older_fields(node_type: str, schema: Any, expected: Any) -> None:
    made, losses = told("3.2", "3.1", one("Schema"), {**schema, "xml": {"name": "n", "nodeType": node_type}})
    assert (made["xml"], losses) == ({"name": "n", **expected}, [])


@pytest.mark.parametrize("node_type", ["text", "cdata", "none"])
def test_a_node_type_that_was_not_is_impossible(node_type: str) -> None:
    made, losses = told("3.2", "3.1", one("Schema"), {"type": "string", "xml": {"nodeType": node_type}})
    assert made["xml"] == {"x-nodeType": node_type}
    assert losses == [("xml/nodeType", "impossible", "kept as 'x-nodeType'")]


@pytest.mark.parametrize(
    ("media_type", "example", "expected"),
    [
        ("application/json", {"dataValue": {"a": 1}}, {"value": {"a": 1}}),
        ("application/json", {"serializedValue": '{"a": 1}'}, {"value": {"a": 1}}),
        ("application/json", {"serializedValue": "not JSON"}, {"x-serializedValue": "not JSON"}),
        ("text/csv", {"serializedValue": "a,b"}, {"value": "a,b"}),
        ("text/csv", {"dataValue": ["a"], "serializedValue": "a"}, {"x-dataValue": ["a"], "value": "a"}),
        ("text/csv", {"dataValue": ["a"]}, {"value": ["a"]}),
        ("text/csv", {"dataValue": ["a"], "externalValue": "a.csv"}, {"value": ["a"], "x-externalValue": "a.csv"}),
        ("text/csv", {"externalValue": "a.csv"}, {"externalValue": "a.csv"}),
    ],
)
def test_an_example_has_one_value_before_32(media_type: str, example: Any, expected: Any) -> None:
    body = {"content": {media_type: {"examples": {"e": {"summary": "s", **example}}}}}
    made, losses = told("3.2", "3.1", one("RequestBody"), body)
    assert made["content"][media_type]["examples"]["e"] == {"summary": "s", **expected}
    assert len(losses) == sum(name.startswith("x-") for name in expected)


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ({"serializedValue": '{"a": 1}'}, {"x-serializedValue": '{"a": 1}'}),
        ({"serializedValue": "<a>1</a>"}, {"value": "<a>1</a>"}),
        ({"dataValue": {"a": 1}}, {"value": {"a": 1}}),
        ({"dataValue": {"a": 1}, "serializedValue": "a=1"}, {"value": {"a": 1}, "x-serializedValue": "a=1"}),
    ],
)
def test_of_an_example_among_the_components_a_text_that_may_be_data_is_set_aside(example: Any, expected: Any) -> None:
    made, losses = told("3.2", "3.1", one("Example"), example)
    assert made == expected
    assert len(losses) == sum(name.startswith("x-") for name in expected)


def test_the_reason_why_an_example_has_no_value_before_32_is_reported() -> None:
    texts = {"examples": {"e": {"serializedValue": "a"}}}
    both = {"examples": {"e": {"dataValue": "a", "serializedValue": "a"}}}
    reasons: dict[str, tuple[str, Any]] = {
        "an example of 'text/json+json' has data as its 'value' before 3.2, and the text is no JSON": (
            ("Header", {"content": {"text/json+json": texts}})
        ),
        "an example of a parameter or header has data as its 'value' before 3.2, and no text": ("Parameter", texts),
        "an example has one 'value' before 3.2": ("Parameter", both),
        "an example's 'value' is data or a text by its media type before 3.2, which a component does not tell": (
            ("Example", {"serializedValue": "1"})
        ),
    }
    for reason, (kind, value) in reasons.items():
        assert [loss.what for loss in convert("3.2", "3.1", one(kind), value).losses] == [reason]


def test_an_endpoint_whose_method_is_new_is_impossible_before_32() -> None:
    operation: Any = {"responses": {}}
    for target in ("3.1", "3.0"):
        for item in ({"query": operation}, {"additionalOperations": {"COPY": operation}}):
            (name,) = item
            made, losses = told("3.2", target, FieldType("Paths", "one", False), {"/a": item})
            assert made == {"/a": {f"x-{name}": item[name]}}
            assert losses == [(f"/a/{name}", "impossible", f"kept as 'x-{name}'")]
    assert told("3.2", "3.1", one("Callback"), {"{$url}": {"query": operation}})[1] == [
        ("{$url}/query", "lossy", "kept as 'x-query'")
    ]


@pytest.mark.parametrize(
    ("kind", "value", "place"),
    [
        ("Parameter", {"name": "q", "in": "querystring", "content": {}}, "in"),
        ("Parameter", {"name": "q", "in": "cookie", "style": "cookie"}, "style"),
        ("MediaType", {"itemSchema": {"type": "string"}}, "itemSchema"),
        ("MediaType", {"prefixEncoding": []}, "prefixEncoding"),
        ("MediaType", {"itemEncoding": {}}, "itemEncoding"),
        ("Encoding", {"encoding": {"a": {}}}, "encoding"),
    ],
)
def test_what_31_cannot_express_is_impossible(kind: str, value: Any, place: str) -> None:
    _, losses = told("3.2", "3.1", one(kind), value)
    assert [each[:2] for each in losses] == [(place, "impossible")]


def test_the_places_of_losses_are_from_the_root_of_what_is_converted() -> None:
    nullable: Any = {"nullable": True, "allOf": [{"type": "string"}]}
    root: Any = {"openapi": "3.0.1", "paths": {"/a": {"get": {"parameters": [{"schema": nullable}]}}}}
    losses = convert("3.0", "3.1", one("OpenAPI"), root, surroundings("3.0", "3.1", root)).losses
    assert [loss.tokens for loss in losses] == [("paths", "/a", "get", "parameters", "0", "schema", "nullable")]


def test_what_accepts_more_is_known_through_references() -> None:
    schemas: Any = {
        "A": {"items": {"$ref": "#/components/schemas/B/properties/b"}},
        "B": {"properties": {"b": {"propertyNames": {"maxLength": 1}}}},
        "C": {"type": "string"},
    }
    assert surroundings("3.1", "3.0", {"components": {"schemas": schemas}}).loosened == {"A", "B"}
    assert not surroundings("3.1", "3.2", {"components": {"schemas": schemas}}).loosened


def test_a_pointer_stays_where_its_target_does() -> None:
    schema: Any = {"type": ["array", "string"], "items": {"const": 1}, "properties": {"a": {"type": "null"}}, "if": {}}
    assert stays("3.1", "3.0", "Schema", schema, ("properties", "a"))
    assert not stays("3.1", "3.0", "Schema", schema, ("items",))
    assert not stays("3.1", "3.0", "Schema", schema, ("if",))
    assert not stays("3.1", "3.0", "Schema", schema, ("nowhere",))
    assert stays("3.1", "3.2", "Schema", schema, ("if",))


def test_a_constant_of_a_link_is_passed_on_as_a_text() -> None:
    written: Any = {"operationId": "o", "parameters": {"a": "$request.body", "n": 5, "b": True, "l": [1]}}
    made, losses = told("3.0", "3.1", one("Link"), written)
    texts = {"a": "$request.body", "n": "5", "b": "true"}
    assert made == {"operationId": "o", "parameters": texts, "x-parameters": {"l": [1]}}
    assert losses == [
        ("parameters/n", "lossy", "written as the text '5'"),
        ("parameters/b", "lossy", "written as the text 'true'"),
        ("parameters/l", "lossy", "kept in 'x-parameters'"),
    ]
    assert told("3.0", "3.2", one("Link"), written) == (made, losses)
    assert told("3.1", "3.0", one("Link"), written)[0] is written
    taken = {"operationId": "o", "parameters": {"l": {}}, "x-parameters": 1}
    gone = [("parameters/l", "lossy", "dropped")]
    assert told("3.0", "3.1", one("Link"), taken) == ({"operationId": "o", "x-parameters": 1}, gone)


@pytest.mark.parametrize("target", ["3.0", "3.1"])
@pytest.mark.parametrize(
    ("kind", "value", "what"),
    [
        ("Tag", {"name": "t", "kind": "nav"}, "'kind' of a tag"),
        ("Server", {"url": "/", "name": "n"}, "'name' of a server"),
        ("Response", {"description": "", "summary": "s"}, "'summary' of a response"),
        ("SecurityScheme", {"type": "http", "deprecated": True}, "'deprecated' of a security scheme"),
        ("Discriminator", {"propertyName": "p", "defaultMapping": "A"}, "'defaultMapping' of a discriminator"),
    ],
)
def test_a_loss_of_a_field_of_32_names_that_version_for_every_target(
    target: Family, kind: str, value: Any, what: str
) -> None:
    (loss,) = convert("3.2", target, one(kind), value).losses
    assert loss.what == f"{what} does not exist before 3.2"


def test_a_field_that_would_take_effect_is_reported_with_the_version_that_defines_it() -> None:
    (loss,) = convert("3.0", "3.2", one("Schema"), {"const": 1}).losses
    assert loss.what == "'const' means nothing before 3.1 and would come alive"


def test_properties_required_in_one_direction_are_reported_with_the_direction() -> None:
    properties: Any = {"a": {"readOnly": True}, "b": {"readOnly": True}, "c": {"writeOnly": True}, "d": {}}
    (loss,) = convert("3.0", "3.1", one("Schema"), {"required": [*properties], "properties": properties}).losses
    assert loss.what == "'a', 'b' were required in responses only and 'c' was required in requests only"
