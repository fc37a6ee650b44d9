"""Conversion rules for all objects but schemas: the root, path items, operations, responses, security, references."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from oas_tasks.formats import Value
from oas_tasks.formats.decimals import is_number
from oas_tasks.formats.json_write import canonical
from oas_tasks.openapi.conversion.context import component_named
from oas_tasks.openapi.conversion.from_31_to_30 import is_own_dialect
from oas_tasks.openapi.conversion.losses import Loss
from oas_tasks.openapi.conversion.rules import Fields, Rule, Spot, rule
from oas_tasks.openapi.model import Family, FieldType, Model, model_of
from oas_tasks.openapi.pointer import Path, tokens_of

#: The version that a conversion writes for each family: the newest whose text the rules follow.
VERSIONS: dict[Family, str] = {"3.0": "3.0.4", "3.1": "3.1.2", "3.2": "3.2.0"}


def version(target: Family) -> Rule:
    """Return the rule that writes the target's version."""

    def apply(spot: Spot) -> None:
        spot.put("openapi", VERSIONS[target])

    return rule("OpenAPI", ["openapi"], apply, "'OpenAPI Object', `openapi`")


# --- 3.0 to 3.1 -------------------------------------------------------------------------------------------------------


def _choices(spot: Spot) -> None:
    """Drop an empty `enum`, which 3.1 does not allow, and note a default that is not in it."""
    choices = spot.fields["enum"]
    if choices == []:
        spot.drop("enum")
    elif isinstance(choices, list) and "default" in spot.fields and spot.fields["default"] not in choices:
        spot.lose("default", f"the default '{spot.fields['default']}' must be one of 'enum' since 3.1", "kept as it is")


def without_siblings(kind: str, value: Fields, path: Path, lose: Callable[[str, str], None]) -> Value:
    """Return a Reference Object of 3.0 without its siblings, which are ignored in 3.0 and would take effect.

    Source: 3.0.4 'Reference Object'.
    """
    return value if len(value) == 1 else {"$ref": value["$ref"]}


def _constants(spot: Spot) -> None:
    """Write constants as text: the schemas of 3.1 and 3.2 are narrower than their specifications."""
    parameters = spot.fields["parameters"]
    if not isinstance(parameters, dict) or all(isinstance(value, str) for value in parameters.values()):
        return
    texts: Fields = {}
    others: Fields = {}
    for name, value in parameters.items():
        if isinstance(value, str | int) or is_number(value):
            texts[name] = value if isinstance(value, str) else canonical(value).decode()
            became = f"written as the text '{texts[name]}'"
        else:
            others[name] = value
            became = "dropped" if "x-parameters" in spot.fields else "kept in 'x-parameters'"
        if not isinstance(value, str):
            what = "a parameter of a link must be a text by the official schemas since 3.1"
            spot.journal.lose(Loss((*tokens_of(spot.path), "parameters", name), what, became, "lossy"))
    made: Fields = {"parameters": texts} if texts else {}
    if others and "x-parameters" not in spot.fields:
        made["x-parameters"] = others
    spot.replace("parameters", made)


def _for_queries_alone(spot: Spot) -> None:
    """Drop fields about reserved characters outside of the query: they have no effect there, and 3.1 does not allow
    them.
    """
    if spot.fields.get("in") != "query":
        spot.drop("allowReserved", "allowEmptyValue")


#: The fields of an encoding that say how a part of a form is written. In 3.0 they apply to HTML's own forms only, since
#: 3.1 also to the parts of `multipart/form-data`, whose content type is ignored if one of them is given.
_AS_IN_QUERIES = ("style", "explode", "allowReserved")


def _is_of_multipart_form(spot: Spot) -> bool:
    """Whether an Encoding Object describes a part of `multipart/form-data`."""
    tokens = tokens_of(spot.path)
    if len(tokens) < 3 or tokens[-2] != "encoding":
        return False
    return tokens[-3].partition(";")[0].strip().lower() == "multipart/form-data"


def _dead_encoding(spot: Spot) -> None:
    if _is_of_multipart_form(spot):
        spot.drop(*_AS_IN_QUERIES)


UP_30_31: tuple[Rule, ...] = (
    rule("Encoding", _AS_IN_QUERIES, _dead_encoding, "3.0.4 and 3.1.2 'Encoding Object', `style`"),
    rule("Parameter", ["allowReserved", "allowEmptyValue"], _for_queries_alone, "3.0.4 'Parameter Object'"),
    rule("Header", ["allowReserved", "allowEmptyValue"], _for_queries_alone, "3.0.4 'Header Object'"),
    rule("ServerVariable", ["enum"], _choices, "3.1.2 'Server Variable Object'"),
    rule("Link", ["parameters"], _constants, "https://spec.openapis.org/oas/3.1/schema/2022-10-07, 'link'"),
)


# --- 3.1 to 3.0 -------------------------------------------------------------------------------------------------------


def without_overrides(kind: str, value: Fields, path: Path, lose: Callable[[str, str], None]) -> Value:
    """Return a Reference Object of 3.1 without its texts, which 3.0 does not have.

    Source: 3.1.2 'Reference Object'.
    """
    if len(value) == 1:
        return value
    for name in ("summary", "description"):
        if name in value and name in model_of("3.1").types[kind].fields:
            lose(name, f"the '{name}' of a reference does not exist in 3.0")
    return {"$ref": value["$ref"]}


def _root_in_30(spot: Spot) -> None:
    if "paths" not in spot.fields and not spot.fields.keys().isdisjoint(("components", "webhooks")):
        spot.put("paths", {})
    _no_own_dialect(spot)
    if "jsonSchemaDialect" in spot.fields:
        spot.set_aside("jsonSchemaDialect", f"3.0 knows no dialect '{spot.fields['jsonSchemaDialect']}'")
    if "webhooks" in spot.fields:
        spot.set_aside("webhooks", "webhooks do not exist in 3.0")


def _no_own_dialect(spot: Spot) -> None:
    if is_own_dialect(spot.fields.get("jsonSchemaDialect")):
        spot.drop("jsonSchemaDialect")


def _without_components(*names: str) -> Callable[[Spot], None]:
    def apply(spot: Spot) -> None:
        for name in names:
            spot.forget(name)

    return apply


def _responses(spot: Spot) -> None:
    if not spot.fields.get("responses"):
        spot.put("responses", {"default": {"description": ""}})


def _copied(spot: Spot) -> None:
    """Drop the operationIds that a path item repeats once it is copied into each callback that shares it."""
    name = spot.source["operationId"]
    if not isinstance(name, str):
        return
    if name not in spot.journal.operations:
        spot.journal.operations[name] = spot.source
    elif spot.journal.operations[name] == spot.source:
        what = f"the operation '{name}' would stand twice, since 3.0 cannot refer to a path item"
        spot.drop("operationId")
        spot.lose("operationId", what, "kept in the first place alone")


def _discriminator(spot: Spot) -> None:
    for name in [each for each in spot.fields if each.startswith("x-")]:
        is_own = name in spot.source
        original, where = (name, "in 3.0") if is_own else (name[2:], "before 3.2")
        spot.drop(name)
        spot.lose(original, f"'{original}' of a discriminator does not exist {where}", "dropped")


def _scheme(spot: Spot) -> None:
    if spot.fields["type"] == "mutualTLS":
        what = "3.0 has no security scheme 'mutualTLS'"
        spot.lose("type", what, "left as it is, which 3.0 rejects", "impossible", stays=True)


def _requirement(spot: Spot) -> None:
    """Empty the roles of all but OAuth 2 and OpenID Connect. A mutualTLS stays, else security would be weaker."""
    for name, roles in spot.fields.items():
        scheme = spot.around.scheme_types.get(name)
        if scheme == "mutualTLS":
            what = f"the security scheme '{name}' is mutualTLS, which 3.0 does not have"
            spot.lose(name, what, "left as it is, so that security is not weakened", "impossible", stays=True)
        elif roles and scheme not in (None, "oauth2", "openIdConnect"):
            spot.put(name, [])
            spot.lose(name, f"3.0 has no roles for a security scheme of type '{scheme}'", "made an empty list")


def _lost_encoding(spot: Spot) -> None:
    if _is_of_multipart_form(spot):
        if "contentType" in spot.fields:
            spot.set_aside(
                "contentType", "'contentType' means nothing beside 'style' and the like, and would come alive"
            )
        for name in [each for each in _AS_IN_QUERIES if each in spot.fields]:
            spot.set_aside(name, f"'{name}' of an encoding has no effect under 'multipart/form-data' in 3.0")


DOWN_31_30: tuple[Rule, ...] = (
    rule("Encoding", _AS_IN_QUERIES, _lost_encoding, "3.0.4 and 3.1.2 'Encoding Object', `style`"),
    rule("OpenAPI", None, _root_in_30, "3.1.2 and 3.0.4 'OpenAPI Object'"),
    rule("Components", ["pathItems"], _without_components("pathItems"), "3.0.4 'Components Object'; they are inlined"),
    rule("Operation", ["operationId"], _copied, "3.0.4 'Operation Object', `operationId`: MUST be unique"),
    rule("Operation", None, _responses, "3.0.4 'Operation Object', `responses`: REQUIRED"),
    rule("Discriminator", None, _discriminator, "3.0.4 'Discriminator Object'"),
    rule("SecurityScheme", ["type"], _scheme, "3.0.4 'Security Scheme Object', `type`"),
    rule("SecurityRequirement", None, _requirement, "3.0.4 'Security Requirement Object'"),
)


# --- 3.1 and 3.2 ------------------------------------------------------------------------------------------------------


def _schema_dialect(spot: Spot) -> None:
    if is_own_dialect(spot.fields["$schema"]):
        spot.drop("$schema")


#: A dialect of OpenAPI's own names its version. Without it, the target's own applies.
DIALECTS: tuple[Rule, ...] = (
    rule("OpenAPI", ["jsonSchemaDialect"], _no_own_dialect, "'OpenAPI Object', `jsonSchemaDialect`"),
    rule("Schema", ["$schema"], _schema_dialect, "'Specifying Schema Dialects'"),
)


#: Where a parameter may have `allowReserved` in 3.2 and not before.
_NEWLY_RESERVED = ("path", "cookie")


def _not_reserved_yet(spot: Spot) -> None:
    if spot.fields.get("in") in _NEWLY_RESERVED:
        said = f"'allowReserved' of a parameter in '{spot.fields['in']}' means nothing before 3.2 and would come alive"
        spot.set_aside("allowReserved", said)


UP_31_32: tuple[Rule, ...] = (
    rule("Parameter", ["allowReserved"], _not_reserved_yet, "3.2.0 'Parameter Object', `allowReserved`"),
)


def _reserved(spot: Spot) -> None:
    where = spot.fields.get("in")
    if where not in _NEWLY_RESERVED:
        return
    if spot.fields["allowReserved"] is False:
        spot.drop("allowReserved")
    else:
        spot.set_aside("allowReserved", f"'allowReserved' of a parameter in '{where}' does not exist before 3.2")


def _self(spot: Spot) -> None:
    spot.forget("$self")


def _described(spot: Spot) -> None:
    if "description" not in spot.fields:
        spot.fields = {"description": "", **spot.fields}


_QUERYSTRING = "a parameter in 'querystring' does not exist before 3.2"


def _parameter(spot: Spot) -> None:
    if spot.fields.get("in") == "querystring":
        spot.lose("in", _QUERYSTRING, "left as it is, which earlier versions reject", "impossible")
    if spot.fields.get("style") == "cookie":
        spot.set_aside("style", "the style 'cookie' does not exist before 3.2", "impossible")


def _parameters(spot: Spot) -> None:
    """Drop parameters in `querystring` from callbacks, since earlier versions do not have them."""
    written, parameters = spot.source["parameters"], spot.fields["parameters"]
    if not isinstance(written, list) or not isinstance(parameters, list):
        return
    if not is_in_callback(model_of("3.2"), spot.root, tokens_of(spot.path)):
        return
    aside: list[Value] = []
    kept: list[Value] = []
    is_taken = "x-parameters" in spot.fields
    for index, parameter in enumerate(written):
        found = _querystring(spot, parameter)
        if found is None:
            kept.append(parameters[index])
            continue
        aside.append(found)
        at = (*tokens_of(spot.path), "parameters", str(index), *(("in",) if found is parameter else ()))
        became = "dropped" if is_taken else "kept in 'x-parameters'"
        spot.journal.lose(Loss(at, _QUERYSTRING, became, "lossy"))
    if aside:
        made: Fields = {"parameters": kept} if kept else {}
        spot.replace("parameters", made if is_taken else {**made, "x-parameters": aside})


def _querystring(spot: Spot, written: Value) -> Value:
    """Return the `querystring` parameter that an item of `parameters` is or refers to, None for any other."""
    if not isinstance(written, dict):
        return None
    if isinstance(written.get("$ref"), str):
        return spot.around.querystrings.get(component_named("parameters", written["$ref"]) or "")
    return written if written.get("in") == "querystring" else None


def _impossible(*names: str) -> Callable[[Spot], None]:
    def apply(spot: Spot) -> None:
        for name in names:
            if name in spot.fields:
                spot.set_aside(name, f"'{name}' of {_NOUNS[names]} does not exist before 3.2", "impossible")

    return apply


_METHODS = ("query", "additionalOperations")
_SEQUENCES = ("itemSchema", "prefixEncoding", "itemEncoding")
_NESTED = ("encoding", "prefixEncoding", "itemEncoding")
_NOUNS = {_METHODS: "a path item", _SEQUENCES: "a media type", _NESTED: "an encoding"}


def is_in_callback(model: Model, field: FieldType, tokens: Sequence[str]) -> bool:
    """Whether a place below a field's value belongs to a callback instead of the endpoint's operation.

    A Path Item on its own is a component, and only callbacks refer to these: those of paths have been put in place.
    """
    if field.holds == "Callback" or (field.holds == "PathItem" and field.container == "one"):
        return True
    for name in tokens:
        if field.container != "one":
            field = FieldType(field.holds, "one", field.referenceable)
            continue
        holder = model.types.get(field.holds)
        found = None if holder is None else holder.fields.get(name, holder.patterned)
        if found is None or found.holds == "Callback":
            return found is not None
        field = found
    return False


DOWN_32_31: tuple[Rule, ...] = (
    rule("OpenAPI", ["$self"], _self, "3.2.0 'OpenAPI Object', `$self`; references are relative to it no more"),
    rule("Components", ["mediaTypes"], _without_components("mediaTypes"), "3.1.2 'Components Object'; inlined"),
    rule("PathItem", ["parameters"], _parameters, "3.2.0 'Parameter Object', `in`"),
    rule("Operation", ["parameters"], _parameters, "3.2.0 'Parameter Object', `in`"),
    rule("PathItem", _METHODS, _impossible(*_METHODS), "3.2.0 'Path Item Object'"),
    rule("Parameter", ["in", "style"], _parameter, "3.2.0 'Parameter Object', `in`, `style`"),
    rule("Parameter", ["allowReserved"], _reserved, "3.2.0 'Parameter Object', `allowReserved`"),
    rule("MediaType", _SEQUENCES, _impossible(*_SEQUENCES), "3.2.0 'Media Type Object'"),
    rule("Encoding", _NESTED, _impossible(*_NESTED), "3.2.0 'Encoding Object'"),
    rule("Response", None, _described, "3.1.2 'Response Object', `description`: REQUIRED"),
)
