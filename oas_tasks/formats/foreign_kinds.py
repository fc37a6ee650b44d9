"""Names the kinds of files that people take for a document by mistake, by how their bytes begin."""

from __future__ import annotations

import re
from typing import NamedTuple

from oas_tasks.formats.text import encoding_of


class ForeignKind(NamedTuple):
    """What a file is. hint: what to do instead, as a sentence without its full stop."""

    name: str
    hint: str


_UNPACK = "Unpack it and name the file inside"
_PAGE = "Download the document itself; pages like Swagger UI link to it as openapi.json or openapi.yaml"
_EXPORT = "Ask for the API description as OpenAPI, in YAML or JSON"

#: By how the bytes begin. Sources: the specifications of the formats.
_BINARY = (
    (
        re.compile(rb"PK\x03\x04(?s:.){0,200}?(?:word|xl|ppt)/|PK\x03\x04(?s:.){26}\[Content_Types\]"),
        "an Office file",
        _EXPORT,
    ),
    (re.compile(rb"PK(?:\x03\x04|\x05\x06)"), "a ZIP archive", _UNPACK),
    (re.compile(rb"\x1f\x8b"), "a gzip archive", _UNPACK),
    (re.compile(rb"BZh[1-9]"), "a bzip2 archive", _UNPACK),
    (re.compile(rb"\xfd7zXZ\x00"), "an xz archive", _UNPACK),
    (re.compile(rb"Rar!\x1a\x07"), "a RAR archive", _UNPACK),
    (re.compile(rb"(?s:.){257}ustar"), "a tar archive", _UNPACK),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7z archive", _UNPACK),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "a Zstandard archive", _UNPACK),
    (re.compile(rb"%PDF-"), "a PDF", _EXPORT),
    (re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF(?s:.){4}WEBP"), "a picture", _EXPORT),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an Office file", _EXPORT),
    (re.compile(rb"SQLite format 3\x00"), "a SQLite database", _EXPORT),
    (re.compile(rb"\x7fELF|MZ(?s:.){58}"), "a program", _EXPORT),
)
#: By how the text begins, behind white space and comments of XML.
_TEXT = (
    (re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]", re.I), "a web page (HTML)", _PAGE),
    (
        re.compile(rb"(?s)<\?xml.{0,2000}?<(?:\w+:)?definitions\b.{0,2000}?schemas\.xmlsoap\.org/wsdl"),
        "a WSDL",
        _EXPORT,
    ),
    (re.compile(rb"<\?xml\s|<svg[\s>]|<\w+:?\w*\s+xmlns"), "XML", _EXPORT),
    (re.compile(rb"#%RAML\s"), "a RAML document", "Convert it to OpenAPI first"),
    (re.compile(rb"FORMAT:\s*1A\b"), "an API Blueprint", "Convert it to OpenAPI first, for example with apib2swagger"),
    (re.compile(rb"""syntax\s*=\s*["']proto[23]["']\s*;"""), "a Protocol Buffers definition", _EXPORT),
    (
        re.compile(
            rb"(?:schema\s*\{|(?:extend\s+)?(?:type|input|interface|enum|union|scalar|directive)\s+@?\w+[^\n:]*[{=@\n])"
        ),
        "a GraphQL schema",
        "GraphQL has no endpoints to slice",
    ),
)
#: Characters that no text has, so near to its beginning that they are no slip.
_NO_TEXT = re.compile(rb"(?s:.){0,15}?[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<!--(?s:.)*?-->|//[^\n]*\n)*")
#: Bytes that are looked at.
_LOOKED_AT = 4096


def foreign_kind(content: bytes) -> ForeignKind | None:
    """Return what a file is that is neither YAML nor JSON, None where it may be one of these."""
    beginning = content[:_LOOKED_AT]
    found = next((ForeignKind(name, hint) for start, name, hint in _BINARY if start.match(beginning)), None)
    if found is None and encoding_of(beginning)[0] == "utf-8" and _NO_TEXT.match(beginning):
        found = ForeignKind("a binary file", _EXPORT)
    start = _START.match(beginning)
    at = start.end() if start is not None else 0
    return found or next((ForeignKind(name, hint) for first, name, hint in _TEXT if first.match(beginning, at)), None)
