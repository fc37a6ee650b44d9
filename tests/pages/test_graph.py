"""Pictures of graphs: what a limit leaves out is said, no two labels overlap, and text of a document is only text."""

from __future__ import annotations

import json
import random
import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from typing import Any

import pytest

from oas_tasks.pages.layered_layout import Box, laid_out
from oas_tasks.queries.graph import Graph, Hidden, excerpt
from tests.conftest import Repository, spec
from tests.pages.test_in_chromium import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def graph(edges: dict[str, list[str]], endpoints: int = 1) -> Graph:
    names = list(edges)
    needs = {name: tuple(each) for name, each in edges.items()}
    parts = names[endpoints:]
    return Graph(
        tuple(names[:endpoints]),
        tuple(parts),
        needs,
        dict.fromkeys(parts, "schemas"),
        dict(zip(parts, parts, strict=True)),
    )


@pytest.mark.parametrize("seed", range(6))
def test_no_two_boxes_overlap_and_edges_join_their_boxes(seed: int) -> None:
    chance = random.Random(seed)
    count = chance.randrange(1, 60)
    boxes = [Box(chance.uniform(20, 300), chance.choice([26.0, 41.0])) for _ in range(count)]
    edges = [(chance.randrange(count), chance.randrange(count)) for _ in range(2 * count)]  # circles and loops as well
    layout = laid_out(boxes, edges)
    assert layout == laid_out(boxes, edges)
    for one, other in combinations(layout.boxes, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y
    for box in layout.boxes:
        assert 0 <= box.x <= box.x + box.width <= layout.width + 1e-6
        assert -1e-6 <= box.y <= box.y + box.height <= layout.height + 1e-6
    assert layout.edges.keys() == set(edges)


def test_a_limit_keeps_what_is_near_and_says_how_much_is_behind() -> None:
    whole = graph({"GET /": ["a", "b"], "a": ["c", "d"], "b": ["c"], "c": ["e"], "d": [], "e": ["a"]})
    assert excerpt(whole, None, 0).graph is whole
    assert excerpt(whole, None, 7).graph is whole
    found = excerpt(whole, None, 4)
    assert found.graph.edges == {"GET /": ("a", "b"), "a": ("c", "d"), "b": (), "c": (), "d": ()}
    assert found.hidden == {"b": Hidden(0, 1), "c": Hidden(1, 1)}
    shallow = excerpt(whole, 1, 0)
    assert shallow.graph.edges == {"GET /": ("a", "b"), "a": (), "b": ()}
    assert shallow.hidden == {"a": Hidden(3, 2), "b": Hidden(2, 1)}


def test_of_many_endpoints_a_limit_leaves_some_out() -> None:
    whole = graph({f"GET /{number}": ["a", "b"] for number in range(5)} | {"a": [], "b": []}, endpoints=5)
    found = excerpt(whole, None, 6)
    assert (found.graph.endpoints, found.left_out) == (("GET /0", "GET /1", "GET /2"), 2)


def chain(repository: Repository, endpoints: int, parts: int) -> None:
    """Write a document whose endpoints reach a chain of schemas, each of which refers to three more."""

    def schema(number: int) -> dict[str, Any]:
        refers = {f"p{step}": {"$ref": f"#/components/schemas/S{number + step}"} for step in (1, 2, 3)}
        return {"type": "object", "properties": {key: each for key, each in refers.items() if number + 3 < parts}}

    content = {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}
    get = {"get": {"responses": {"200": {"description": "ok", "content": content}}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Chain", "version": "1"},
        "paths": {f"/{number}": get for number in range(endpoints)},
        "components": {"schemas": {f"S{number}": schema(number) for number in range(parts)}},
    }
    repository.write("api.json", json.dumps(document))


def test_a_picture_beyond_the_limit_says_so_and_one_within_says_nothing(repository: Repository) -> None:
    chain(repository, 1, 200)
    ask = ("graph", "api.json", "GET /0", "--output", "mermaid")
    done = repository.slice_oas(*ask)
    assert (done.code, done.out.count(" --> ")) == (0, 400)
    assert "the picture shows 400 of 592 references and leaves out 64 parts" in done.err
    assert "--depth N" in done.err
    assert "Mermaid draws 500 at most" in done.err
    assert re.search(r'\["S\d+<br>and \d+ more behind"\]', done.out)
    assert repository.slice_oas(*ask, "--max-edges", "0").out.count(" --> ") == 592
    for more in (["--depth", "3"], ["--max-edges", "600"]):
        assert repository.slice_oas(*ask, *more).err == ""
    assert repository.slice_oas("graph", "api.json", "--output", "json").err == ""


def test_svg_is_well_formed_and_holds_every_node(repository: Repository) -> None:
    paths = {f"/{text}": {"get": {"tags": [text], "responses": {"200": {"description": "ok"}}}} for text in HOSTILE}
    tags = [{"name": text} for text in HOSTILE]
    document = {"openapi": "3.0.3", "info": {"title": HOSTILE[0], "version": "1"}, "paths": paths, "tags": tags}
    repository.write("api.json", json.dumps(document))
    done = repository.slice_oas("graph", "api.json", "--output", "svg")
    assert done.code == 0, done.text
    root = ElementTree.fromstring(done.out)
    nodes = [each for each in root.iter(f"{SVG}g") if each.get("class", "").startswith("node ")]
    assert len(nodes) == 2 * len(HOSTILE)
    allowed = {f"{SVG}{name}" for name in ("svg", "g", "rect", "text", "title", "path", "style")}
    assert {each.tag for each in root.iter()} <= allowed
    assert not any(name.startswith("on") or "href" in name for each in root.iter() for name in each.attrib)


@pytest.mark.slow
def test_the_largest_endpoint_of_a_real_document_is_drawn(repository: Repository) -> None:
    ask = ("GET /repos/{owner}/{repo}/issues/{issue_number}/timeline", "--output", "svg")
    done = repository.slice_oas("graph", str(spec("github.json")), *ask)
    assert (done.code, done.err) == (0, "")
    root = ElementTree.fromstring(done.out)
    assert len([each for each in root.iter(f"{SVG}g") if each.get("class", "").startswith("node ")]) == 75
