"""`slice-oas version-info`: what keeps slices from being written in another version, or would be lost by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.printable import printable_json, printable_lines
from oas_tasks.settings import Settings

if TYPE_CHECKING:
    from oas_tasks.plan.plan import Endpoint
    from oas_tasks.queries.version_info import Survey

#: How many places of one sort of loss are named, or endpoints of one fault.
_NAMED = 3

#: What each kind of loss means for who asks, in the order in which they matter.
_KINDS = {
    "impossible": "there is nothing for it",
    "loosened": "accepts more",
    "lossy": "is lost",
    "ambiguous": "is read as 3.0.3 says",
}


def version_info(settings: Sequence[Settings], words: Sequence[str], out: TextIO, as_json: bool) -> int:
    """Write what a build to each other version, or to the one that is set, would block or lose. Raises UserError.

    words: name the one endpoint of interest; none for all that the filters let through.
    """
    from oas_tasks.document.document import load_document, read_bytes
    from oas_tasks.queries.snapshot import look
    from oas_tasks.queries.version_info import surveys

    only: tuple[str, str] | None = None
    if words:
        from oas_tasks.commands.arguments import chosen_endpoint

        run, endpoint = chosen_endpoint([look(each) for each in settings], words)
        settings, only = [run.settings], (endpoint.path, endpoint.method)
    documents = [(each, load_document(read_bytes(each.spec, str(each.spec)), str(each.spec))) for each in settings]
    found = [(each, str(document.root["openapi"]), list(surveys(document, each, only))) for each, document in documents]
    if not any(survey.endpoints for _, _, told in found for survey in told):
        from oas_tasks.state.run import check_not_empty

        check_not_empty([look(each) for each in settings])
    if as_json:
        out.write(printable_json([_as_json(*each) for each in found]))
        return ALL_BUILT
    for each, version, told in found:
        out.write(printable_lines([f"{each.spec} is OpenAPI {version}"]))
        for survey in told:
            _write(out, survey, str(each.spec))
    return ALL_BUILT


def _write(out: TextIO, survey: Survey, entry: str) -> None:
    """Write a survey in words.

    entry: the file that was asked about, which need not be said.
    """
    from oas_tasks.openapi.conversion import target_version
    from oas_tasks.queries.version_info import grouped

    counts = Counter(lost.loss.kind for lost in survey.losses)
    said = ", ".join(f"{counts[kind]:,} {kind}" for kind in _KINDS if counts[kind])  # type: ignore[index]
    failed = len(survey.failed)
    short = f"; {failed:,} of {_endpoints(len(survey.endpoints))} would get no slice" if failed else ""
    out.write(f"\nto {target_version(survey.target)}: {said or 'nothing is lost'}{short}\n")
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


def _as_json(settings: Settings, version: str, told: Iterable[Survey]) -> dict[str, object]:
    losses: dict[str, object] = {}
    failed: dict[str, object] = {}
    for survey in told:
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
