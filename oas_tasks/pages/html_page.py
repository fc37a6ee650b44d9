"""Puts a page together: one file with its styles, scripts and data, which loads and runs nothing else.

Text from documents is in the page as data only: JSON without a `<`, which scripts show as text. The page's policy lets
run just the scripts that it was made with, by their hashes, and no script may make HTML from text (Trusted Types).
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

from oas_tasks.printable import printable

_SLOT = re.compile(r"\{\{(\w+)\}\}")

#: A document with a coloured corner, as in the page's heading.
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' "
    "rx='4' fill='%234f46e5'/%3E%3Cpath d='M4 5h8M4 8h5M4 11h7' stroke='white' stroke-width='1.6' "
    "stroke-linecap='round'/%3E%3C/svg%3E"
)


def inert_json(value: object) -> str:
    """Return a value as compact JSON in ASCII that can stand in an element of HTML: it has no `<`, `>` or `&`."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


#: The first bytes of a page.
DOCTYPE = b"<!doctype html>\n"


def page(name: str, title: str, styles: Sequence[str], scripts: Sequence[str], slots: Mapping[str, str]) -> bytes:
    """Return a page.

    name: of its HTML in this package. styles, scripts: the files that go into it, in this order.
    title: plain text. slots: what else its HTML has places for, as HTML.
    """
    style, script = "".join(map(_file, styles)), "".join(map(_file, scripts))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    filled = {
        "policy": f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        "icon": f'<link rel="icon" href="{_ICON}">',
        "title": html.escape(printable(title)),
        "style": f"<style>{style}</style>",
        "script": f"<script>{script}</script>",
        **slots,
    }
    whole = _SLOT.sub(lambda found: filled[found[1]], _file(name))
    return DOCTYPE + whole.encode("ascii", "xmlcharrefreplace")


def _file(name: str) -> str:
    """Return a file of this package, with the line ends that it was written with."""
    return files(__package__).joinpath(name).read_text(encoding="ascii").replace("\r\n", "\n")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
