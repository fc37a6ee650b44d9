"""`slice-oas version-info`: what keeps a document from being written in another version, or would be lost by it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.config import Settings
from oas_tasks.openapi.conversion import Loss, survey, target_version
from oas_tasks.openapi.model import FAMILIES
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
    """Write for every document what a conversion to each other version would block or lose, with counts and places.

    Of a document in several files only the entry is looked at.
    """
    from oas_tasks.slicing.document import parse_document, read_bytes

    found: list[dict[str, object]] = []
    for each in settings:
        document = parse_document(read_bytes(each.spec, str(each.spec)), str(each.spec))
        source = document.model.family
        version = str(document.root["openapi"])
        targets = {target: survey(source, target, document.root) for target in FAMILIES if target != source}
        if as_json:
            losses = {target: [_as_json(loss) for loss in told] for target, told in targets.items()}
            found.append({"document": str(each.spec), "version": version, "losses": losses})
            continue
        out.write(f"{each.spec} is OpenAPI {version}\n")
        for target, told in targets.items():
            _write(out, target_version(target), told)
    if as_json:
        out.write(json.dumps(found, indent=2) + "\n")
    return ALL_BUILT


def _write(out: TextIO, version: str, losses: Sequence[Loss]) -> None:
    counts = Counter(loss.kind for loss in losses)
    said = ", ".join(f"{counts[kind]:,} {kind}" for kind in _KINDS if counts[kind])  # type: ignore[index]
    out.write(f"\nto {version}: {said or 'nothing is lost'}\n")
    for kind, meaning in _KINDS.items():
        groups: dict[tuple[str, str], list[Loss]] = {}
        for loss in losses:
            if loss.kind == kind:
                groups.setdefault((loss.what, loss.became), []).append(loss)
        for (what, became), members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
            out.write(f"  {kind} ({meaning}), {len(members):,} x: {what}; {became}\n")
            for loss in members[:_NAMED]:
                out.write(f"    {readable(loss.tokens)}\n")
            if len(members) > _NAMED:
                out.write(f"    and {len(members) - _NAMED:,} more\n")


def _as_json(loss: Loss) -> dict[str, str]:
    return {"kind": loss.kind, "pointer": readable(loss.tokens), "what": loss.what, "became": loss.became}
