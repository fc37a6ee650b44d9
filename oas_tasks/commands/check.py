"""`slice-oas check`: compares the slices on disk with the document."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TextIO

from oas_tasks.amounts import counted
from oas_tasks.commands.exit_codes import ALL_BUILT, SOME_FAILED, STALE
from oas_tasks.commands.notices import print_notices
from oas_tasks.printable import printable, printable_json, printable_lines
from oas_tasks.queries.check import LINE_ENDS, Finding, FindingKind, Verified, verify
from oas_tasks.queries.read_only_run import read_only_run, stored_records, uncached_run
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import reason_of
from oas_tasks.state.annotations import Annotation, Level, annotation_lines, fault_annotations, is_on_github
from oas_tasks.state.fault_list import FaultyEndpoint, failure_lines
from oas_tasks.state.run import Run

#: The advice for each kind of finding.
_ADVICE = {
    FindingKind.FOREIGN: "Foreign slices belong to no endpoint: a build removes those that it wrote, delete others.",
    FindingKind.STALE: "Run the build (slice-oas --batch, or doit) to bring them up to date.",
}


def check(
    settings: Sequence[Settings],
    out: TextIO,
    as_json: bool,
    trust_cache: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Write which files are stale, missing, edited or foreign; return 3 if any are, else 1 if endpoints failed.

    trust_cache: do not make slices that are up to date according to the cache.
    environment: variables, which say whether GitHub is to be shown the faults too.
    """
    runs = [read_only_run(each) if trust_cache else uncached_run(each) for each in settings]
    print_notices(runs)
    found = [(run.settings, verify(run) if trust_cache else _verified_without_cache(run)) for run in runs]
    if as_json:
        out.write(printable_json([_as_json(*each) for each in found]))
    else:
        for each in found:
            _write(*each, out)
        if is_on_github(environment):
            out.write(annotation_lines(_annotations(found, environment)))
    if any(verified.findings for _, verified in found):
        return STALE
    return SOME_FAILED if any(verified.failed for _, verified in found) else ALL_BUILT


def _verified_without_cache(run: Run) -> Verified:
    """Return the result without trust in the cache, which is only used to tell edited files from stale ones."""
    return verify(run, stored_records(run.settings))


def _annotations(found: Sequence[tuple[Settings, Verified]], environment: Mapping[str, str]) -> Iterator[Annotation]:
    """Yield the annotations of faulty endpoints."""
    from oas_tasks.state.fault_places import fault_places

    for settings, verified in found:
        yield from fault_annotations(verified.failed, Level.ERROR, environment)
        located = fault_places(settings)
        warned = [each._replace(faults=[located(fault) for fault in each.faults]) for each in verified.warned]
        yield from fault_annotations(warned, Level.WARNING, environment)


def _as_json(settings: Settings, verified: Verified) -> dict[str, object]:
    named = {"document": settings.name} if settings.name else {}
    return {
        **named,
        "spec": settings.spec.as_posix(),
        "output_dir": settings.output_dir.as_posix(),
        "up_to_date": not verified.findings,
        "endpoints": verified.endpoints,
        "findings": [
            {"kind": each.kind.value, "file": each.file, "method": each.method, "path": each.path}
            | ({"reason": each.reason} if each.reason else {})
            for each in verified.findings
        ],
        "failed": [_faulty_as_json(each) for each in verified.failed],
        "warned": [_faulty_as_json(each) for each in verified.warned],
    }


def _faulty_as_json(found: FaultyEndpoint) -> dict[str, str]:
    endpoint = found.endpoint
    return {"method": endpoint.method, "path": endpoint.path, "reason": reason_of(found.faults)}


def _write(settings: Settings, verified: Verified, out: TextIO) -> None:
    name = f"{settings.name}: " if settings.name else ""
    out.write(printable_lines(_lines(verified)))
    out.write(printable_lines(failure_lines(verified.failed, settings)))
    counts = Counter(each.kind for each in verified.findings)
    failed = f", {len(verified.failed):,} failed" if verified.failed else ""
    failed += f", {len(verified.warned):,} warned" if verified.warned else ""
    if not counts:
        out.write(
            printable_lines(
                [f"{name}{counted(verified.endpoints, 'endpoint')}, all up to date in {settings.output_dir}{failed}"]
            )
        )
        return
    listed = ", ".join(f"{counts[kind]:,} {kind.value}" for kind in FindingKind if counts[kind])
    out.write(f"{name}{counted(verified.endpoints, 'endpoint')}; {listed}{failed}\n")
    if counts[FindingKind.FOREIGN]:
        out.write(_ADVICE[FindingKind.FOREIGN] + "\n")
    if len(verified.findings) > counts[FindingKind.FOREIGN]:
        out.write(_ADVICE[FindingKind.STALE] + "\n")
    if any(each.reason == LINE_ENDS for each in verified.findings):
        pattern = printable(f"{settings.output_dir.as_posix()}/** -text")
        out.write(f"Line ends are git's doing (core.autocrlf): '{pattern}' in .gitattributes keeps them as they are.\n")


#: The most findings of failed endpoints that have a line each.
_MOST_EXPLAINED = 3


def _lines(verified: Verified) -> Iterator[str]:
    """Yield a line for each finding, but only one for many slices, or rows, of endpoints that fail now.

    The faults themselves are listed elsewhere.
    """
    failed = {each.endpoint.key for each in verified.failed}
    explained: dict[FindingKind, list[Finding]] = {}
    for each in verified.findings:
        if each.key in failed:
            explained.setdefault(each.kind, []).append(each)
    for each in verified.findings:
        if each.key not in failed:
            yield _line(each)
            continue
        same, is_row = explained[each.kind], each.kind is FindingKind.INDEX
        if len(same) <= _MOST_EXPLAINED:
            yield _line(each if is_row else replace(each, reason="its endpoint fails"))
        elif each is same[0]:
            files = list(dict.fromkeys(finding.file for finding in same))
            more = f" and {len(files) - _MOST_EXPLAINED:,} more" if len(files) > _MOST_EXPLAINED else ""
            listed = ", ".join(files[:_MOST_EXPLAINED])
            what = (
                "rows of endpoints that fail are not as they should be" if is_row else "slices of endpoints that fail"
            )
            yield f"{each.kind.value:<8} {len(same):,} {what}: {listed}{more}"


def _line(finding: Finding) -> str:
    endpoint = f"{finding.method} {finding.path}: " if finding.path else ""
    reason = f" ({finding.reason})" if finding.reason else ""
    return f"{finding.kind.value:<8} {endpoint}{finding.file}{reason}"
