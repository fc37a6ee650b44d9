"""The pages in a browser: they open, search, filter, are used with the keyboard, and hostile text does nothing."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Repository
from tests.pages.chromium import Chromium, needs_chromium

pytestmark = needs_chromium

#: Texts that would do something if a page took them for more than text.
HOSTILE = (
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '"><svg onload=window.pwned=1>',
    "javascript:window.pwned=1",
    "<!--<script>",
    "]]>{{data}}{{script}}",
    "a\u2028b\u2029c\u0000d\u001b[31me",
    "\u202egnp.exe\u2066x",
    "&lt;b&gt; '\"`${window.pwned=1}`",
)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def written(repository: Repository, document: dict[str, Any], name: str = "api.json") -> Path:
    """Slice a document and return its report."""
    repository.write(name, json.dumps(document))
    assert repository.slice_oas("--input", name, "--batch", "--html").code in (0, 1)
    return repository.slices / "index.html"


def large(endpoints: int) -> dict[str, Any]:
    """Return a document with that many endpoints, which share schemas."""

    def ok(schema: str) -> dict[str, Any]:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
        return {"200": {"description": "ok", "content": content}}

    paths: dict[str, Any] = {}
    for number in range(endpoints):
        operation = {"operationId": f"op{number}", "summary": f"Operation {number}", "tags": [f"t{number % 5}"]}
        method = ("get", "post")[number % 2]
        paths[f"/things/{number}"] = {method: {**operation, "responses": ok(f"S{number % 7}")}}
    schemas = {f"S{number}": {"$ref": "#/components/schemas/Base"} for number in range(7)}
    schemas["Base"] = {"type": "object"}
    info = {"title": "Things", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": schemas}}


COUNT = "document.getElementById('count').textContent"
DETAILS = "(d => d.hidden ? '' : d.querySelector('h2').textContent)(document.getElementById('details'))"


def test_the_report_is_searched_filtered_sorted_and_walked_through(chromium: Chromium, repository: Repository) -> None:
    page = written(repository, large(300))
    started = time.perf_counter()
    chromium.open(page.as_uri())
    print(f"opened in {time.perf_counter() - started:.2f} s")
    js, press = chromium.js, chromium.press
    assert js(COUNT) == "300 endpoints"
    assert 10 < js("document.querySelectorAll('#endpoints .row').length") < 60  # of 300
    press("/", "/")
    assert js("document.activeElement.id") == "search"
    for letter in "op29":
        press(letter, letter)
    assert js(COUNT) == "11 of 300 endpoints"
    js("document.querySelector('#methods .post').click()")
    assert js(COUNT) == "6 of 300 endpoints"
    assert js("document.querySelector('#endpoints .row mark').textContent") == "op29"
    press("Escape")
    press("ArrowDown")
    press("ArrowDown")
    press("Enter")
    assert js(DETAILS) == "POST/things/3"
    press("Escape")
    assert js(DETAILS) == ""
    assert js("document.activeElement.closest('.grid').id") == "endpoints"
    js("document.getElementById('clear').click(); document.querySelector('#endpoints .head .path button').click()")
    js("document.querySelector('#endpoints .head .path button').click()")
    assert js("document.querySelector('#endpoints .row .path').textContent") == "/things/99"
    assert js("document.querySelector('#endpoints .head [aria-sort=descending]').textContent") == "Path"
    js("document.getElementById('tab-components').click()")
    assert js("document.querySelector('#components .row .name').textContent") == "Base"
    js("document.querySelector('#components .row').click()")
    assert "A change touches 300 of 300 endpoints" in js("document.getElementById('details').textContent")
    assert js("[...document.querySelectorAll('#details .link')].map(each => each.textContent).sort().join()") == (
        "S0,S1,S2,S3,S4,S5,S6"
    )
    js("document.querySelector('#details .line').click()")
    assert js(DETAILS) == "GET/things/0"
    assert js("document.querySelector('#details .link.direct').textContent") == "S0"
    js("new Promise(done => setTimeout(done, 300))")
    address = js("location.href")
    chromium.open(address)
    assert js(DETAILS) == "GET/things/0"  # the address says what is shown
    assert (chromium.trouble, chromium.requested[1:]) == ([], [])


def test_hostile_text_does_nothing(chromium: Chromium, repository: Repository) -> None:
    paths: dict[str, Any] = {}
    for text in HOSTILE:
        responses = {"200": {"description": text}, "404": {"$ref": f"#/components/responses/{text}"}}
        operation = {"operationId": text, "summary": text, "description": text, "tags": [text], "responses": responses}
        paths[f"/{text}"] = {"get": operation}
        schema = {"$ref": "#/components/schemas/" + text.replace("~", "~0").replace("/", "~1")}
        content = {text: {"schema": schema}}
        paths[f"/good/{text}"] = {"get": {**operation, "operationId": f"good {text}", "responses": {}}}
        paths[f"/good/{text}"]["get"]["responses"] = {"200": {"description": text, "content": content}}
    schemas = {text: {"type": "string", "description": text} for text in HOSTILE}
    document = {
        "openapi": "3.0.3",
        "info": {"title": HOSTILE[0] + HOSTILE[7], "version": "1"},
        "tags": [{"name": text, "description": text} for text in HOSTILE],
        "paths": paths,
        "components": {"schemas": schemas},
    }
    page = written(repository, document, "<b>'\"#?javascript%3a.json")
    chromium.open(page.as_uri())
    js = chromium.js
    total = 2 * len(HOSTILE)
    assert js(COUNT) == f"{total} endpoints"
    for view in ("endpoints", "components", "faults"):
        js(f"document.getElementById('tab-{view}').click()")
        for number in range(total):
            js(f"(document.querySelectorAll('#panel-{view} .row')[{number}] || document.body).click()")
    assert js("document.querySelectorAll('img, iframe, object, embed, svg[onload], i:not(.path i)').length") == 0
    assert js("document.scripts.length") == 2
    links = js("[...document.querySelectorAll('a')].map(a => a.protocol)")
    assert set(links) == {"file:"}
    assert js("typeof window.pwned") == "undefined"
    assert "\u202e" not in js("document.body.textContent + document.title")
    assert (chromium.trouble, chromium.requested[1:]) == ([], [])
    # The policy holds even if a script is got into the page.
    js("document.body.append(Object.assign(document.createElement('iframe'), {src: 'https://example.org/'}))")
    refused = js("(() => { try { document.body.innerHTML = '<i>'; return false } catch (e) { return e.name } })()")
    assert refused == "TypeError"
    assert any("Content Security Policy" in json.dumps(each) for each in chromium.trouble)


def test_it_fits_a_telephone_and_a_printer(chromium: Chromium, repository: Repository) -> None:
    page = written(repository, large(120))
    chromium.call("Emulation.setDeviceMetricsOverride", width=400, height=800, deviceScaleFactor=1, mobile=True)
    try:
        chromium.open(page.as_uri())
        assert chromium.js("document.documentElement.scrollWidth") == 400
        chromium.js("document.querySelector('#endpoints .row').click()")
        assert chromium.js("document.getElementById('details').getBoundingClientRect().width") == 400
        assert chromium.js("document.getElementById('sort').offsetWidth") > 0
    finally:
        chromium.call("Emulation.clearDeviceMetricsOverride")
    pdf = base64.b64decode(chromium.call("Page.printToPDF")["data"])
    assert pdf.count(b"/Type /Page\n") >= 2  # every row, not those in sight


def test_the_picture_of_a_graph_is_searched_and_shows_neighbours(chromium: Chromium, repository: Repository) -> None:
    paths = {f"/{text}": {"get": {"tags": [text], "responses": {"200": {"description": "ok"}}}} for text in HOSTILE}
    tags = [{"name": text} for text in HOSTILE]
    info = {"title": HOSTILE[0], "version": "1"}
    repository.write("api.json", json.dumps({"openapi": "3.0.3", "info": info, "paths": paths, "tags": tags}))
    done = repository.slice_oas("graph", "api.json", "--output", "html")
    assert done.code == 0, done.text
    chromium.open(repository.write("graph.html", done.out).as_uri())
    js, press = chromium.js, chromium.press
    assert js("document.querySelectorAll('.node').length") == 2 * len(HOSTILE)
    press("/", "/")
    for letter in "onerr":
        press(letter, letter)
    assert js("document.getElementById('found').textContent") == "2 found"
    press("Escape")
    js("document.querySelector('.node.endpoint').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert js("document.querySelectorAll('.node.lit').length") == 2
    assert "refers to 1 of these" in js("document.getElementById('chosen').textContent")
    press("Escape")
    assert js("document.querySelectorAll('.node.lit').length") == 0
    before = js("document.querySelector('main > svg').style.transform")
    js("document.getElementById('in').click()")
    assert js("document.querySelector('main > svg').style.transform") != before
    assert js("typeof window.pwned") == "undefined"
    assert (chromium.trouble, chromium.requested[1:]) == ([], [])
