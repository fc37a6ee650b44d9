"""Names the documents that are YAML or JSON and no OpenAPI, and finds the OpenAPI documents in a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from oas_tasks.formats import Value


class ForeignDocument(NamedTuple):
    """What a document is. hint: what to do instead, None where nothing helps."""

    name: str
    hint: str | None


_ONLY = "Only HTTP APIs described in OpenAPI can be sliced"
_DATA = "It describes data; name the document that refers to it"


def _has(*names: str) -> Callable[[Mapping[str, Value]], bool]:
    return lambda root: all(name in root for name in names)


def _mentions(name: str, word: str) -> Callable[[Mapping[str, Value]], bool]:
    return lambda root: word in str(root.get(name))


#: By the fields of the root. Sources: the specifications of the formats.
_KINDS: tuple[tuple[Callable[[Mapping[str, Value]], bool], str, str | None], ...] = (
    (_has("asyncapi"), "an AsyncAPI document", _ONLY),
    (_has("arazzo"), "an Arazzo document", "Name the OpenAPI document that its workflows use"),
    (_has("overlay"), "an OpenAPI Overlay", "Apply it to its document first, and slice the result"),
    (_has("smithy"), "a Smithy model", "Convert it to OpenAPI first, with 'smithy build'"),
    (_has("openrpc"), "an OpenRPC document", _ONLY),
    (_has("discoveryVersion"), "a Google API discovery document", "Convert it to OpenAPI first"),
    (_has("swaggerVersion"), "a Swagger 1 document", "Upgrade it first, for example with the Swagger Editor"),
    (_has("__export_format"), "an Insomnia export", "Export it as OpenAPI first"),
    (_has("log"), "a HAR file", "It records traffic; ask for the API description as OpenAPI"),
    (
        lambda root: re.search(r"getpostman\.com|_postman_id", str(root.get("info"))) is not None,
        "a Postman collection",
        "Export it as OpenAPI first, for example with postman-to-openapi",
    ),
    (_has("apiVersion", "kind"), "a Kubernetes manifest", None),
    (
        _mentions("$schema", "json-schema.org"),
        "a JSON Schema",
        "It describes data; name the document that refers to it",
    ),
    (_has("type", "properties"), "a JSON Schema", _DATA),
)


def foreign_document(root: Mapping[str, Value]) -> ForeignDocument | None:
    """Return what a document without an `openapi` field is, None where that is not known."""
    if isinstance(root.get("log"), dict) and "entries" not in root["log"]:  # type: ignore[operator]  # a mapping
        root = {name: value for name, value in root.items() if name != "log"}
    return next((ForeignDocument(name, hint) for is_it, name, hint in _KINDS if is_it(root)), None)


def misspelt_field(root: Mapping[str, Value]) -> str | None:
    """Return the root field that was probably meant to be `openapi`, None where there is none."""
    plain = {name.lower().strip(): name for name in root}
    guess = get_close_matches("openapi", plain, n=1, cutoff=0.75)
    return plain[guess[0]] if guess else None


#: Bytes of a file in which its `openapi` field is looked for.
_LOOKED_AT = 4096
_OPENAPI = re.compile(rb"""(?m)^\s*\{?\s*["']?openapi["']?\s*:\s*["']?3\.""")


def documents_in(folder: Path) -> list[Path]:
    """Return the files of a folder that begin like an OpenAPI document, by name."""
    found = []
    try:
        for file in sorted(folder.iterdir()):
            if file.suffix.lower() in (".yaml", ".yml", ".json") and file.is_file():
                with file.open("rb") as stream:
                    if _OPENAPI.search(stream.read(_LOOKED_AT)):
                        found.append(file)
    except OSError:
        return []
    return found
