"""Generates documents in the shape of real ones: the same bytes each time, on any machine, without a download.

Each maker takes a folder and a size, 1 for about the size of the real document, and returns the file to slice. Names,
numbers and texts come from a random generator with a fixed seed.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

TYPES = ("string", "integer", "boolean", "string", "string", "number")
#: The words of texts.
WORDS = re.findall(
    r"\w+",
    "the name of this account repository user that owns a list page of results when it was created last updated and "
    "whether pull requests are merged by default in an organization with access to each workflow run token limit",
)
METHODS = ("get", "post", "patch", "delete", "put")

Maker = Callable[[Path, float], Path]


def github(folder: Path, size: float) -> Path:
    """Write GitHub's shape: JSON, small closures, shared parameters, responses, examples and headers; 3.0.

    At size 1: 12 MB, 1,200 endpoints, 700 schemas.
    """
    chance = random.Random(1)
    paths, schemas, topics = round(800 * size), round(700 * size), max(4, round(45 * size))
    components: dict[str, Any] = {
        "schemas": {f"schema-{n}": _github_schema(chance, n) for n in range(schemas)},
        "examples": {f"example-{n}": {"value": _example(chance, 180)} for n in range(round(530 * size))},
        "parameters": {
            f"parameter-{n}": {"name": f"p{n}", "in": "query", "description": _text(chance), "schema": _simple(chance)}
            for n in range(round(200 * size))
        },
        "responses": {f"response-{n}": _json_response(chance, f"schema-{1 + n % 6}") for n in range(12)},
        "headers": {"link": {"schema": {"type": "string"}}},
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "In the shape of GitHub's", "version": "1.0.0", "description": _text(chance)},
        "tags": [{"name": f"topic-{n}", "description": _text(chance)} for n in range(topics)],
        "servers": [{"url": "https://api.example.com"}],
        "paths": dict(_github_path(chance, n, topics, components) for n in range(paths)),
        "x-webhooks": {f"hook-{n}": {"post": _example(chance, 100)} for n in range(round(260 * size))},
        "components": components,
    }
    return _write_json(folder / "api.json", document)


def stripe(folder: Path, size: float) -> Path:
    """Write Stripe's shape: one YAML file, in which an endpoint reaches about half of all schemas; 3.0.

    At size 1: 4 MB, 470 endpoints, 820 schemas, some 350 MB of slices.
    """
    chance = random.Random(2)
    schemas, paths = round(820 * size), round(315 * size)
    document = {
        "components": {
            "schemas": {f"schema_{n}": _stripe_schema(chance, n, schemas) for n in range(schemas)},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "info": {"title": "In the shape of Stripe's", "version": "1", "description": _text(chance)},
        "openapi": "3.0.0",
        "paths": {
            f"/v1/things{n}/{{id}}": {
                method: {
                    "description": _text(chance),
                    "operationId": f"{method}_{n}",
                    "parameters": [_path_parameter("id"), *(_query(chance, k) for k in range(4))],
                    "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": _inline(chance, 30)}}},
                    "responses": {"200": _json_response(chance, f"schema_{chance.randrange(schemas)}")},
                }
                for method in ("post", "put")[: 1 + (n % 2)]
            }
            for n in range(paths)
        },
        "security": [{"bearer": []}],
        "servers": [{"url": "https://api.example.com/"}],
    }
    return _write_yaml(folder / "api.yaml", document)


def openai(folder: Path, size: float) -> Path:
    """Write OpenAI's shape: one YAML file with discriminators, subtypes and webhooks; 3.1.

    At size 1: 2 MB, 290 endpoints, 1,400 schemas, 100 discriminators.
    """
    chance = random.Random(3)
    families, paths = max(2, round(100 * size)), max(2, round(290 * size))
    schemas: dict[str, Any] = {}
    for n in range(families):
        members = [f"Event{n}Kind{k}" for k in range(6)]
        for k, name in enumerate(members):
            schemas[name] = _inline(chance, 7)
            schemas[name]["properties"]["type"] = {"type": "string", "enum": [name], "description": _text(chance)}
            schemas[name]["required"] = ["type"]
            if n and k == 0:
                schemas[name]["properties"]["cause"] = _schema(f"Event{chance.randrange(n)}")
        schemas[f"Event{n}"] = {
            "description": _text(chance),
            "oneOf": [_schema(name) for name in members],
            "discriminator": {"propertyName": "type"},
        }
        schemas[f"Base{n}"] = _inline(chance, 6)
        for k in range(6):
            schemas[f"Part{n}Of{k}"] = {"allOf": [_schema(f"Base{n}"), _inline(chance, 4)]}
    named = list(schemas)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "In the shape of OpenAI's", "version": "1.0.0"},
        "servers": [{"url": "https://api.example.com"}],
        "tags": [{"name": "events", "description": _text(chance)}],
        "paths": {
            f"/things{n}": {
                METHODS[n % 2]: {
                    "operationId": f"thing{n}",
                    "tags": ["events"],
                    "summary": _text(chance),
                    "responses": {"200": _json_response(chance, named[chance.randrange(len(named))])},
                }
            }
            for n in range(paths)
        },
        "components": {"schemas": schemas},
    }
    return _write_yaml(folder / "api.yaml", document)


def digitalocean(folder: Path, size: float) -> Path:
    """Write DigitalOcean's shape: an operation, a schema, a response and a code sample a file, all in YAML; 3.0.

    At size 1: 660 endpoints, 2,900 files.
    """
    chance = random.Random(4)
    resources = max(1, round(44 * size))
    shared = folder / "shared"
    _write_yaml(shared / "headers.yml", {"limit": {"schema": {"type": "integer"}, "description": _text(chance)}})
    _write_yaml(shared / "meta.yml", _inline(chance, 2))
    for name in ("unauthorized", "not_found", "server_error"):
        _write_yaml(shared / "responses" / f"{name}.yml", _file_response(chance, "../meta.yml", "../headers.yml"))
    paths: dict[str, Any] = {}
    for n in range(resources):
        _digitalocean_resource(chance, folder / "resources" / f"resource{n}", n)
        for k in range(15):
            operation = {"$ref": f"resources/resource{n}/operation{k}.yml"}
            paths.setdefault(f"/v2/resource{n}/part{k // 2}", {})[METHODS[k % 2]] = operation
    document = {
        "openapi": "3.0.0",
        "info": {"title": "In the shape of DigitalOcean's", "version": "2.0", "description": _text(chance)},
        "tags": [{"name": f"Resource{n}", "description": _text(chance)} for n in range(resources)],
        "paths": paths,
    }
    return _write_yaml(folder / "api.yaml", document)


def copies(document: Path, number: int) -> None:
    """Replace a document by copies of it, side by side: `number` times the paths, and components of their own for each.

    They share the root fields and the security schemes. Paths move below `/copy<k>`; the names of components and
    operationIds get the suffix `_c<k>`, and references in the document follow.
    """
    text = document.read_bytes()
    is_json = document.suffix == ".json"
    whole = json.loads(text) if is_json else yaml.load(text, yaml.CSafeLoader)
    grown = {key: value for key, value in whole.items() if not key.startswith("x-")}
    grown["paths"] = {}
    grown["components"] = {}
    for k in range(number):
        for path, item in whole["paths"].items():
            grown["paths"][f"/copy{k}{path}"] = _renamed(item, f"_c{k}")
        for kind, members in whole.get("components", {}).items():
            suffix = "" if kind == "securitySchemes" else f"_c{k}"
            target = grown["components"].setdefault(kind, {})
            target.update({name + suffix: _renamed(member, suffix) for name, member in members.items()})
    (_write_json if is_json else _write_yaml)(document, grown)


def as_yaml(document: Path) -> None:
    """Replace a document in JSON by the same in YAML."""
    value = json.loads(document.read_bytes())
    document.unlink()
    _write_yaml(document.with_suffix(".yaml"), value)


MAKERS: dict[str, Maker] = {"GitHub": github, "Stripe": stripe, "OpenAI": openai, "DigitalOcean": digitalocean}


# --- their content ---------------------------------------------------------------------------------------------------


def _text(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randrange(6, 16))).capitalize() + "."


def _simple(chance: random.Random) -> dict[str, Any]:
    return {"type": chance.choice(TYPES)}


def _schema(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _inline(chance: random.Random, properties: int) -> dict[str, Any]:
    named = {f"field_{n}": {**_simple(chance), "description": _text(chance)} for n in range(properties)}
    return {"type": "object", "description": _text(chance), "properties": named}


def _example(chance: random.Random, fields: int) -> dict[str, Any]:
    return {f"field_{n}": f"https://api.example.com/{chance.randrange(10**9)}" for n in range(fields // 2)} | {
        "nested": {f"field_{n}": chance.randrange(10**6) for n in range(fields // 2)}
    }


def _json_response(chance: random.Random, schema: str) -> dict[str, Any]:
    return {"description": _text(chance), "content": {"application/json": {"schema": _schema(schema)}}}


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query(chance: random.Random, number: int) -> dict[str, Any]:
    return {"name": f"query_{number}", "in": "query", "description": _text(chance), "schema": _simple(chance)}


def _github_schema(chance: random.Random, number: int) -> dict[str, Any]:
    """Return an object of about 24 properties, of which up to three refer to schemas that come before it.

    A dozen of these are in wide use. The first schema is not one of them, so that a change of it touches few endpoints.
    """
    made = _inline(chance, chance.randrange(12, 36))
    for at in range(chance.randrange(4) if number > 12 else 0):
        wide = chance.randrange(1, 13)
        target = _schema(f"schema-{chance.randrange(max(0, number - 40), number) if at else wide}")
        made["properties"][f"other_{at}"] = {"type": "array", "items": target} if at == 1 else target
    return made


def _github_path(
    chance: random.Random, number: int, topics: int, components: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return a path and its item, of one operation or two."""

    def component(kind: str) -> dict[str, Any]:
        return {"$ref": f"#/components/{kind}/{chance.choice(list(components[kind]))}"}

    def operation(method: str) -> dict[str, Any]:
        schema = chance.choice(list(components["schemas"])) if number else "schema-0"
        response = _json_response(chance, schema)
        response["content"]["application/json"]["examples"] = {"default": component("examples")}
        response["headers"] = {"Link": component("headers")}
        picked = {each["$ref"]: each for each in (component("parameters"), component("parameters"))}  # each once
        made: dict[str, Any] = {
            "summary": _text(chance),
            "description": _text(chance),
            "tags": [f"topic-{number % topics}"],
            "operationId": f"topic-{number % topics}/{method}-{number}",
            "parameters": [_path_parameter("owner"), *picked.values()],
            "responses": {"200": response, "404": component("responses"), "422": component("responses")},
            "x-github": {"category": f"topic-{number % topics}", "githubCloudOnly": False},
        }
        if method != "get":
            made["requestBody"] = {"content": {"application/json": {"schema": _inline(chance, 10)}}}
        return made

    item = {method: operation(method) for method in (METHODS[number % 2], METHODS[2 + number % 2])[: 1 + number % 2]}
    return f"/topics/{number % topics}/{{owner}}/part-{number}", item


def _stripe_schema(chance: random.Random, number: int, schemas: int) -> dict[str, Any]:
    """Return an object that refers to two schemas of the first half, which form a cycle."""
    made = _inline(chance, chance.randrange(4, 14))
    half = max(1, schemas // 2)
    for at, target in enumerate(((number + 1) % half, chance.randrange(half))):
        made["properties"][f"expand_{at}"] = {
            "anyOf": [{"type": "string", "maxLength": 5000}, _schema(f"schema_{target}")],
            "description": _text(chance),
        }
    return made


def _file_response(chance: random.Random, schema: str, headers: str) -> dict[str, Any]:
    return {
        "description": _text(chance),
        "headers": {"ratelimit-limit": {"$ref": f"{headers}#/limit"}},
        "content": {"application/json": {"schema": {"$ref": schema}}},
    }


def _digitalocean_resource(chance: random.Random, folder: Path, number: int) -> None:
    """Write the files of one resource: fifteen operations, as many models and responses, and two samples for three."""
    for k in range(15):
        model = _inline(chance, 8)
        if k:
            model["properties"]["other"] = {"$ref": f"model{chance.randrange(k)}.yml"}
        _write_yaml(folder / "models" / f"model{k}.yml", model)
        response = _file_response(chance, f"../models/model{k}.yml", "../../../shared/headers.yml")
        response["content"]["application/json"]["example"] = _example(chance, 12)
        _write_yaml(folder / "responses" / f"response{k}.yml", response)
        samples = [f"examples/{language}/sample{k}.yml" for language in ("curl", "python")[: 1 + k % 2]]
        for sample in samples:
            source = f"curl -X GET \\\n  https://api.example.com/{number}/{k}\n"
            _write_yaml(folder / sample, {"lang": sample.split("/")[1], "source": source})
        operation = {
            "operationId": f"resource{number}_operation{k}",
            "summary": _text(chance),
            "description": _text(chance),
            "tags": [f"Resource{number}"],
            "responses": {
                "200": {"$ref": f"responses/response{k}.yml"},
                "401": {"$ref": "../../shared/responses/unauthorized.yml"},
                "404": {"$ref": "../../shared/responses/not_found.yml"},
                "500": {"$ref": "../../shared/responses/server_error.yml"},
            },
            "x-codeSamples": [{"$ref": sample} for sample in samples],
        }
        _write_yaml(folder / f"operation{k}.yml", operation)


def _renamed(value: Any, suffix: str) -> Any:
    """Return a copy in which references into the components, mappings and operationIds have a suffix."""
    if isinstance(value, list):
        return [_renamed(each, suffix) for each in value]
    if not isinstance(value, dict):
        return value
    return dict(_renamed_entries(value, suffix))


def _renamed_entries(value: dict[str, Any], suffix: str) -> Iterator[tuple[str, Any]]:
    for key, child in value.items():
        if key == "$ref" and isinstance(child, str) and child.startswith("#/components/"):
            kind, _, rest = child.removeprefix("#/components/").partition("/")
            name, slash, deeper = rest.partition("/")
            yield key, f"#/components/{kind}/{name}{suffix}{slash}{deeper}"
        elif key == "operationId" and isinstance(child, str):
            yield key, child + suffix
        elif key == "mapping" and isinstance(child, dict):
            yield key, {name: _renamed({"$ref": target}, suffix)["$ref"] for name, target in child.items()}
        else:
            yield key, _renamed(child, suffix)


def _write_json(file: Path, document: dict[str, Any]) -> Path:
    with file.open("w", encoding="utf-8") as text:
        json.dump(document, text, indent=2, ensure_ascii=False)
        text.write("\n")
    return file


class _Dumper(yaml.CSafeDumper):
    """Writes no aliases: an object that occurs several times is written out each time."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_yaml(file: Path, document: dict[str, Any]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as text:
        yaml.dump(document, text, _Dumper, sort_keys=False, allow_unicode=True, width=120)
    return file
