"""`slice-oas version-info`: lists what conversions to other versions would lose, and which slices they block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.printable import printable_json, printable_lines
from oas_tasks.settings import Settings

if TYPE_CHECKING:
    from oas_tasks.document.place import EndpointKey
    from oas_tasks.plan.plan import Endpoint
    from oas_tasks.queries.version_info import Survey

#: The most places of one group of losses, or endpoints of one fault, that are listed.
_NAMED = 3

#: The meaning of each kind of loss, the most important first.
_KINDS = {
    "impossible": "there is nothing for it",
    "loosened": "accepts more",
    "lossy": "is lost",
    "ambiguous": "is read as 3.0.3 says",
}


def version_info(settings: Sequence[Settings], words: Sequence[str], out: TextIO, as_json: bool) -> int:
    """Write what a build to each other version, or to the one in the settings, would block or lose. Raises UserError.

    words: the name of an endpoint; empty for all that the filters select.
    """
    from oas_tasks.document.document import load_document, read_bytes
    from oas_tasks.queries.read_only_run import read_only_run
    from oas_tasks.queries.version_info import surveys

    only: EndpointKey | None = None
    if words:
        from oas_tasks.api.chosen_endpoint import chosen_endpoint

        run, endpoint = chosen_endpoint([read_only_run(each) for each in settings], words)
        settings, only = [run.settings], endpoint.key
    documents = [(each, load_document(read_bytes(each.spec, str(each.spec)), str(each.spec))) for each in settings]
    found = [(each, str(document.root["openapi"]), list(surveys(document, each, only))) for each, document in documents]
    if not any(survey.endpoints for _, _, surveyed in found for survey in surveyed):
        runs = [read_only_run(each) for each in settings]
        if not any(run.total for run in runs):
            from oas_tasks.state.no_endpoints import no_endpoints

            raise no_endpoints(runs)
    if as_json:
        out.write(printable_json([_as_json(*each) for each in found]))
        return ALL_BUILT
    for each, version, surveyed in found:
        out.write(printable_lines([f"{each.spec} is OpenAPI {version}"]))
        for survey in surveyed:
            _write(out, survey, str(each.spec))
    return ALL_BUILT


def _write(out: TextIO, survey: Survey, entry: str) -> None:
    """Write a survey in words.

    entry: the document's own file, which is not repeated at each place.
    """
    from oas_tasks.openapi.conversion import target_version
    from oas_tasks.queries.version_info import grouped

    counts = Counter(lost.loss.kind for lost in survey.losses)
    counted = ", ".join(f"{counts[kind]:,} {kind}" for kind in _KINDS if counts[kind])  # type: ignore[index]
    failed = len(survey.failed)
    short = f"; {failed:,} of {_endpoints(len(survey.endpoints))} would get no slice" if failed else ""
    out.write(f"\nto {target_version(survey.target)}: {counted or 'nothing is lost'}{short}\n")
    groups = grouped(survey)
    for kind, meaning in _KINDS.items():
        for group in groups:
            if group.kind == kind:
                count = f"{len(group.places):,} x in {_endpoints(len(group.endpoints))}"
                blocked = len(group.endpoints & survey.blocked)
                if blocked:
                    count += (
                        ", which it blocks" if blocked == len(group.endpoints) else f", {blocked:,} of them blocked"
                    )
                out.write(printable_lines([f"  {kind} ({meaning}), {count}: {group.what}; {group.became}"]))
                _name(out, [f"{'' if lost.file == entry else lost.file}{lost.pointer}" for lost in group.places])
    by_reason: dict[str, list[Endpoint]] = {}
    for number, reason in survey.failed.items():
        if number not in survey.blocked:
            by_reason.setdefault(reason, []).append(survey.endpoints[number])
    for reason, endpoints in by_reason.items():
        out.write(printable_lines([f"  fault, {_endpoints(len(endpoints))}: {reason}"]))
        _name(out, [endpoint.label for endpoint in endpoints])


def _endpoints(count: int) -> str:
    return f"{count:,} endpoint{'' if count == 1 else 's'}"


def _name(out: TextIO, names: Sequence[str]) -> None:
    out.write(printable_lines(f"    {name}" for name in names[:_NAMED]))
    if len(names) > _NAMED:
        out.write(f"    and {len(names) - _NAMED:,} more\n")


def _as_json(settings: Settings, version: str, surveyed: Iterable[Survey]) -> dict[str, object]:
    losses: dict[str, object] = {}
    failed: dict[str, object] = {}
    for survey in surveyed:
        losses[survey.target] = [
            {
                "kind": lost.loss.kind,
                "file": lost.file,
                "pointer": lost.pointer,
                "what": lost.loss.what,
                "became": lost.loss.became,
                "endpoints": len(numbers),
                "blocked": len(survey.blocked.intersection(numbers)),
            }
            for lost, numbers in survey.losses.items()
        ]
        failed[survey.target] = [
            {"method": survey.endpoints[number].method, "path": survey.endpoints[number].path, "reason": reason}
            for number, reason in survey.failed.items()
        ]
    return {"document": str(settings.spec), "version": version, "losses": losses, "failed": failed}
