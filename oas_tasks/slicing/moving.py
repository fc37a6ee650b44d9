"""What has to be moved into components, because no slice can point at it where it stands."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import NamedTuple

from oas_tasks.openapi.model import Model
from oas_tasks.openapi.pointer import readable
from oas_tasks.slicing.parts import Place
from oas_tasks.slicing.sources import plain

_UNFIT = re.compile(r"[^A-Za-z0-9._-]")
_LETTER = re.compile(r"[^\W\d_]")


class Move(NamedTuple):
    """One place that is moved.

    part_id: the id of the part that it becomes.
    section: the field of the Components Object that holds it.
    kind: its object type.
    """

    part_id: str
    section: str
    place: Place
    kind: str

    @property
    def wanted_name(self) -> str:
        """The name that it gets where that is free."""
        return _UNFIT.sub("_", name_of(self.place))


def name_of(place: Place) -> str:
    """Return what the schema, parameter, ... at a place is called: the last name-like token, else the file's stem."""
    file, tokens = place
    name = next((token for token in reversed(tokens) if _LETTER.search(token)), None)
    return name or PurePosixPath(file).name.partition(".")[0] or "moved"


class Moves:
    """The places of one document that are moved, in the order in which something leads to them.

    target: the model of the slices, which tells what a component can be.
    """

    def __init__(self, target: Model) -> None:
        self._section_of = {kind: section for section, kind in target.component_kinds.items()}
        self._known: set[str] = set()
        self._pending: list[Move] = []

    def move(self, place: Place, kind: str) -> str | None:
        """Return the id of the part that a place is moved into, None where no component can hold it."""
        section = self._section_of.get(kind)
        if section is None:
            return None
        part_id = f"{section}@{plain(place[0])}{readable(place[1])}"
        if part_id not in self._known:
            self._known.add(part_id)
            self._pending.append(Move(part_id, section, place, kind))
        return part_id

    def following(self) -> Move | None:
        """Return the next one that no part was made of yet, None where there is none."""
        return self._pending.pop(0) if self._pending else None
