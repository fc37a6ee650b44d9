"""The part of a build's summary about what went wrong: failed endpoints, warnings, and what to do about them.

A run without any does not import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from oas_tasks.plan.plan import Endpoint
from oas_tasks.slices.diagnostic import Diagnostic, decoded
from oas_tasks.state.fault_list import FaultyEndpoint, earlier_warning_lines, failure_lines, warning_lines
from oas_tasks.state.fault_places import fault_places
from oas_tasks.state.run import Run
from oas_tasks.state.store import Record

#: The most warnings of conversions that the summary lists.
_NAMED = 20


def failure_summary(run: Run, failed: Sequence[FaultyEndpoint]) -> Iterator[str]:
    """Yield the lines about failed endpoints, the last of them what to do."""
    if not failed:
        return
    yield from failure_lines(failed, run.settings)
    command = "command" if run.refused else "build"
    alone = "this endpoint is" if len(failed) == 1 else "these endpoints are"
    if all(each.is_of_document for each in failed):
        what = "the error" if len(failed) == 1 and len(failed[0].faults) == 1 else "the errors"
        yield f"Fix {what} above and run the {command} again; only {alone} rebuilt."
    elif any(each.is_of_document for each in failed):
        yield f"Fix the errors above and run the {command} again; only {alone} tried again."
    else:
        yield f"Run the {command} again; only {alone} tried again."


def warning_summary(run: Run) -> Iterator[str]:
    """Yield the lines about slices with faults of the document."""
    now = run.warned_now()
    if now:
        yield from warning_lines(now, run.settings, fault_places(run.settings))
    yield from earlier_warning_lines(run.warned() - len(now), run.settings)


def loss_summary(run: Run, rows: Iterable[tuple[Endpoint, Record]]) -> Iterator[str]:
    """Yield the lines about what conversions lose, each with the endpoints that it concerns."""
    found: dict[tuple[str, str], tuple[Diagnostic, list[str]]] = {}
    for endpoint, record in rows:
        for loss in decoded(record.warnings):
            found.setdefault((loss.place, loss.message), (loss, []))[1].append(endpoint.label)
    if not found:
        return
    yield "Warnings:"
    located = fault_places(run.settings)
    listed = list(found.values())
    yield from (f"  {_first_of(names)}: {located(loss)}" for loss, names in listed[:_NAMED])
    if len(listed) > _NAMED:
        yield f"  and {len(listed) - _NAMED:,} more"


def _first_of(names: Sequence[str]) -> str:
    """Return the first of many endpoints and the number of the others, which have the same loss in a shared part."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"
