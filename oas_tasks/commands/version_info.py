"""`slice-oas version-info`: what keeps a document from being written in another version, or would be lost by it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, TextIO

from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.config import Settings
from oas_tasks.openapi.conversion import Loss, target_version
from oas_tasks.openapi.model import FAMILIES, Family
from oas_tasks.openapi.pointer import readable

#: How many places of one kind of loss are named.
_NAMED = 3

#: What each kind of loss means for who asks, in the order in which they matter.
_KINDS = {
    "impossible": "blocks the endpoints that reach it",
    "loosened": "accepts more",
    "lossy": "is lost",
    "ambiguous": "is read as 3.0.3 says",
}


def version_info(settings: Sequence[Settings], out: TextIO, as_json: bool) -> int:
    """Write for every document what a conversion to each other version would block or lose, with counts and places."""
    from oas_tasks.slicing.document import parse_document, read_bytes
    from oas_tasks.slicing.sources import ENTRY, Sources
    from oas_tasks.slicing.surveying import losses_of

    found: list[dict[str, object]] = []
    for each in settings:
        document = parse_document(read_bytes(each.spec, str(each.spec)), str(each.spec))
        source = document.model.family
        version = str(document.root["openapi"])
        sources = Sources(each.spec, str(each.spec), document.root, each.allow_outside)
        targets: dict[Family, list[_Told]] = {}
        for target in FAMILIES:
            if target != source:
                lost = losses_of(document, sources, target)
                targets[target] = [
                    _Told(loss, sources.shown_path(file), readable(tokens), file == ENTRY)
                    for (file, tokens), loss in lost.items()
                ]
        if as_json:
            losses = {target: [_as_json(one) for one in told] for target, told in targets.items()}
            found.append({"document": str(each.spec), "version": version, "losses": losses})
            continue
        out.write(f"{each.spec} is OpenAPI {version}\n")
        for target, told in targets.items():
            _write(out, target_version(target), told)
    if as_json:
        out.write(json.dumps(found, indent=2) + "\n")
    return ALL_BUILT


class _Told(NamedTuple):
    """A loss and where it stands.

    is_in_entry: the file is the one that was asked about, which need not be said.
    """

    loss: Loss
    file: str
    pointer: str
    is_in_entry: bool


def _write(out: TextIO, version: str, losses: Sequence[_Told]) -> None:
    counts = Counter(told.loss.kind for told in losses)
    said = ", ".join(f"{counts[kind]:,} {kind}" for kind in _KINDS if counts[kind])  # type: ignore[index]
    out.write(f"\nto {version}: {said or 'nothing is lost'}\n")
    for kind, meaning in _KINDS.items():
        groups: dict[tuple[str, str], list[_Told]] = {}
        for told in losses:
            if told.loss.kind == kind:
                groups.setdefault((told.loss.what, told.loss.became), []).append(told)
        for (what, became), members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
            out.write(f"  {kind} ({meaning}), {len(members):,} x: {what}; {became}\n")
            for told in members[:_NAMED]:
                out.write(f"    {'' if told.is_in_entry else told.file}{told.pointer}\n")
            if len(members) > _NAMED:
                out.write(f"    and {len(members) - _NAMED:,} more\n")


def _as_json(told: _Told) -> dict[str, str]:
    loss = told.loss
    return {
        "kind": loss.kind,
        "file": told.file,
        "pointer": told.pointer,
        "what": loss.what,
        "became": loss.became,
    }
