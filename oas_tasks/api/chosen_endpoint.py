"""Finds the endpoint that a user names."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from oas_tasks.errors import UserError
from oas_tasks.plan.plan import Endpoint
from oas_tasks.settings import Settings
from oas_tasks.state.run import Run
from oas_tasks.tasks.names import slice_task_name


def which_spec(settings: Iterable[Settings]) -> str:
    """Return how to say which of several documents is meant."""
    names = [shlex.quote(each.name) for each in settings if each.name]
    return f"Say which with {' or '.join(f'--spec {name}' for name in names)}"


def chosen_endpoint(runs: Sequence[Run], words: Sequence[str]) -> tuple[Run, Endpoint]:
    """Return the endpoint that is named, with its run. Raises UserError where none matches, or several do.

    words: `GET /users/{id}`, in one word or two; a path with just one method; an operationId; the name of a task. The
        name of a document can be in front: `v1:GET /users/{id}`.
    """
    asked = " ".join(" ".join(words).split())
    name, _, rest = asked.partition(":")
    if rest and any(run.settings.name == name for run in runs):
        runs, asked = [run for run in runs if run.settings.name == name], rest.strip()
    every = [(run, endpoint) for run in runs for endpoint in run.plan.endpoints]
    method, _, path = asked.partition(" ")
    exact = [(run, e) for run, e in every if (e.method, e.path) == (method, path)]
    found = exact or [(run, e) for run, e in every if (e.method.upper(), e.path) == (method.upper(), path)]
    found = found or [(run, e) for run, e in every if asked in (e.path, e.cells.operation_id)]
    found = found or [(run, e) for run, e in every if asked in _task_names(run, e)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(slice_task_name(run.settings, e.key).partition(":")[2] for run, e in found)
        is_one_method = len({e.method for _, e in found}) == 1
        hint = which_spec(run.settings for run, _ in found) if is_one_method else "Say which with its method"
        raise UserError(f"'{asked}' is more than one endpoint: {names}", None, hint)
    names_of = {f"{e.method} {e.path}": None for _, e in every} | {e.path: None for _, e in every}
    names_of |= {e.cells.operation_id: None for _, e in every if e.cells.operation_id}
    close = get_close_matches(asked, names_of, n=1)
    hint = f"Did you mean '{close[0]}'?" if close else "'slice-oas list' shows what there is"
    filtered = any(s.filter or s.methods or s.tags or s.operation_ids for s in (run.settings for run in runs))
    raise UserError(f"there is no endpoint '{asked}'{' that the filters let through' if filtered else ''}", None, hint)


def _task_names(run: Run, endpoint: Endpoint) -> tuple[str, ...]:
    """Return the names of an endpoint that begin with its document's: of its task, and as messages show them."""
    name = slice_task_name(run.settings, endpoint.key)
    return (name, name.removeprefix("slice:"), f"{run.settings.name}:{endpoint.method} {endpoint.path}")
