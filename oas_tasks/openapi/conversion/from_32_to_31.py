"""Converts examples and XML Objects of 3.2 to the fields of 3.1."""

from __future__ import annotations

from oas_tasks.errors import FormatError
from oas_tasks.formats import Value
from oas_tasks.formats.json_read import read_json
from oas_tasks.openapi.conversion.rules import Fields, Rule, Spot, rule
from oas_tasks.openapi.pointer import Path


def _example(spot: Spot) -> None:
    """Turn `dataValue` and `serializedValue` into `value`: data for media types of JSON, text for others."""
    if "value" in spot.fields:
        return
    media_type = _media_type(spot.path)
    has_data, has_text = "dataValue" in spot.fields, "serializedValue" in spot.fields
    why = "an example has one 'value' before 3.2"
    new: Fields | None = None
    if has_text and media_type is not None and not _is_json(media_type):
        spot.replace("serializedValue", {"value": spot.fields["serializedValue"]})
    elif has_data:
        spot.replace("dataValue", {"value": spot.fields["dataValue"]})
    elif media_type is not None:
        new = _read(spot.fields["serializedValue"])
        why = f"an example of '{media_type}' has data as its 'value' before 3.2, and the text is no JSON"
    elif _is_of_parameter(spot.path):
        why = "an example of a parameter or header has data as its 'value' before 3.2, and no text"
    elif _read(spot.fields["serializedValue"]) is None:
        new = {"value": spot.fields["serializedValue"]}
    else:
        why = "an example's 'value' is data or a text by its media type before 3.2, which a component does not tell"
    if new is not None:
        spot.replace("serializedValue", new)
    for name in ("dataValue", "serializedValue"):
        if name in spot.fields:
            spot.set_aside(name, why)
    if "value" in spot.fields and "externalValue" in spot.fields:
        spot.set_aside("externalValue", "an example has no 'externalValue' beside its 'value' before 3.2")


def _read(text: Value) -> Fields | None:
    try:
        return {"value": read_json(text, "")} if isinstance(text, str) else None
    except FormatError:
        return None


def _media_type(path: Path) -> str | None:
    """Return the media type of the example at a place that ends in `content`, media type, `examples`, name."""
    tokens: list[str | int] = []
    while path and len(tokens) < 4:
        path, token = path
        tokens.append(token)
    if len(tokens) == 4 and tokens[1] == "examples" and tokens[3] == "content":
        return str(tokens[2])
    return None


def _is_of_parameter(path: Path) -> bool:
    """Whether an example is in a parameter or a header. One among the components may belong to anything."""
    return len(path) == 2 and len(path[0]) == 2 and path[0][1] == "examples"


def _is_json(media_type: str) -> bool:
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def _node_type(spot: Spot) -> None:
    """Turn `nodeType` into `attribute` and `wrapped`, if these can express it."""
    xml = spot.fields["xml"]
    if not isinstance(xml, dict) or "nodeType" not in xml:
        return
    node_type = xml["nodeType"]
    own_type = spot.source.get("type")
    is_array = own_type == "array" or (isinstance(own_type, list) and "array" in own_type)
    is_reference = "$ref" in spot.source or "$dynamicRef" in spot.source
    new: Fields | None = None
    if node_type == "attribute":
        new = {"attribute": True}
    elif node_type == "element" and not is_reference:
        new = {"wrapped": True} if is_array else {}
    elif node_type == "none" and (is_array or is_reference):
        new = {}
    inner = Spot(xml, xml, (spot.path, "xml"), spot.root, spot.journal, spot.around, spot.role_at)
    if new is None:
        inner.set_aside("nodeType", f"the XML node type '{node_type}' cannot be said before 3.2", "impossible")
    else:
        inner.replace("nodeType", new)
    spot.put("xml", inner.fields)


RULES: tuple[Rule, ...] = (
    rule("Example", ["dataValue", "serializedValue"], _example, "3.2.0 'Example Object', 'Working with Examples'"),
    rule("Schema", ["xml"], _node_type, "3.2.0 'XML Object', `nodeType`; 3.1.2 'XML Object'"),
)
