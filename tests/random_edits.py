"""Edits documents at random."""

from __future__ import annotations

import copy
from contextlib import suppress
from random import Random
from typing import Any

from tests.openapi.mutations import mutation


def retargeted(document: dict[str, Any], rng: Random) -> dict[str, Any]:
    """Return a copy in which one reference leads to another schema, or a description or summary is longer."""
    changed = copy.deepcopy(document)
    names = list(changed.get("components", {}).get("schemas", {}))
    found: list[tuple[dict[str, Any], str]] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for key, member in value.items():
                if isinstance(member, str) and (
                    key in ("description", "summary") or (key == "$ref" and member.startswith("#/components/schemas/"))
                ):
                    found.append((value, key))
                look(member)
        elif isinstance(value, list):
            for member in value:
                look(member)

    look({name: changed.get(name) for name in ("paths", "components")})
    if found:
        value, key = rng.choice(found)
        value[key] = f"#/components/schemas/{rng.choice(names)}" if key == "$ref" and names else f"{value[key]} more"
    return changed


def resized(document: dict[str, Any], rng: Random) -> dict[str, Any]:
    """Return a copy in which a path or a component is added, removed, renamed or moved."""
    changed = copy.deepcopy(document)
    components = changed.get("components")
    kinds = [found for found in components.values() if isinstance(found, dict)] if isinstance(components, dict) else []
    homes = [found for found in (changed.get("paths"), *kinds) if isinstance(found, dict)]
    home = rng.choice(homes or [changed.setdefault("paths", {})])
    names = list(home)
    name = rng.choice(names) if names else "/new"
    new = rng.choice([f"{name}x", f"/new{rng.randrange(100)}", name.upper(), f"{name}-", name])
    members = list(home.items())
    index = names.index(name) if names else 0
    member = (new, copy.deepcopy(home.get(name, {})))
    match rng.choice(["more", "more", "less", "other", "order"]):
        case "more":
            members.insert(rng.randrange(len(members) + 1), member)
        case "less":
            members[index : index + 1] = []
        case "other":
            members[index : index + 1] = [member]
        case "order":
            rng.shuffle(members)
    home.clear()
    home.update(members)
    return changed


def edited(document: dict[str, Any], rng: Random, wrong: float) -> dict[str, Any]:
    if rng.random() < 0.3:
        return resized(document, rng)
    if rng.random() < wrong:
        with suppress(AttributeError, TypeError, ValueError):  # made for documents in which nothing is wrong yet
            return mutation(document, rng).document
    return retargeted(document, rng)
