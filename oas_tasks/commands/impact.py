"""`slice-oas impact`: lists the endpoints that a change of a part would affect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TextIO
from urllib.parse import unquote

from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.errors import UserError
from oas_tasks.plan.planned_document import PlannedDocument
from oas_tasks.printable import printable_json, printable_lines
from oas_tasks.queries.read_only_run import read_only_run
from oas_tasks.queries.why import planned_document
from oas_tasks.settings import Settings
from oas_tasks.state.run import Run


def impact(settings: Sequence[Settings], name: str, out: TextIO, as_json: bool) -> int:
    """Write the endpoints that reach a part. Raises UserError where no document has such a part.

    name: `components/schemas/User`, also `#/components/schemas/User`, `schemas/User`, or `User` where that is one part
        only; `tags/pets`; a root field.
    """
    documents = [(run, planned_document(run)) for run in map(read_only_run, settings)]
    names = (name for _, document in documents for name in (*document.digests.names, *_root_fields(document)))
    found = _part(name, list(dict.fromkeys(names)))
    touched = [(run, number) for run, document in documents for number in _touched(document, found)]
    if as_json:
        out.write(printable_json({"part": found, "endpoints": [_as_json(*each) for each in touched]}))
        return ALL_BUILT
    total = sum(len(document.plan.endpoints) for _, document in documents)
    out.write(printable_lines([f"A change of {found} touches {len(touched):,} of {total:,} endpoints"]))
    for run, number in touched:
        endpoint = run.plan.endpoints[number]
        named = f"{run.settings.name}: " if run.settings.name else ""
        out.write(f"  {named}{endpoint.label}\n")
    return ALL_BUILT


def _touched(document: PlannedDocument, name: str) -> Iterator[int]:
    """Yield the numbers of the endpoints that reach a part; every endpoint depends on all root fields."""
    if name in _root_fields(document):
        yield from range(len(document.plan.endpoints))
    elif name in document.digests.names:
        index = document.digests.names.index(name)
        yield from (number for number, closure in enumerate(document.dependencies.closures) if index in closure)


def _root_fields(document: PlannedDocument) -> list[str]:
    """Return the names of the root fields that every slice has."""
    names = [name for name, digest in document.digests.root.items() if digest]
    whole = ["info"] if any(name.startswith("info.") for name in names) else []
    return [*whole, *names]


def _as_json(run: Run, number: int) -> dict[str, str]:
    endpoint = run.plan.endpoints[number]
    named = {"document": run.settings.name} if run.settings.name else {}
    file = (run.settings.output_dir / endpoint.file).as_posix()
    return {**named, "method": endpoint.method, "path": endpoint.path, "file": file}


def _part(asked: str, known: Sequence[str]) -> str:
    """Return the name of the part that a user names. Raises UserError."""
    if asked in known:
        return asked
    pointer = (unquote(asked[1:]) if asked.startswith("#") else asked).lstrip("/")
    tokens = pointer.split("/")
    is_whole = asked.startswith("#") or len(tokens) == 1
    for candidate in (
        pointer,
        f"components/{pointer}",
        "/".join(tokens[:3]),  # a pointer into a component stands for the component
        "/".join(("components", *tokens[:2])),
        tokens[0] if is_whole else "",
    ):
        if candidate in known:
            return candidate
    last = [name for name in known if name.rpartition("/")[2] == pointer]
    if len(last) == 1:
        return last[0]
    if last:
        raise UserError(f"'{asked}' is more than one part: {', '.join(last)}", None, "Say which")
    short = {name.rpartition("/")[2]: name for name in known} | {
        name.removeprefix("components/"): name for name in known
    }
    short |= {name: name for name in known}
    close = get_close_matches(pointer, short, n=1)
    hint = f"Did you mean '{short[close[0]]}'?" if close else "'slice-oas graph' shows what there is"
    raise UserError(f"the document has no part '{asked}'", None, hint)
