"""Finds the endpoint at a path."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from oas_tasks.errors import UserError
from oas_tasks.plan.plan import Endpoint
from oas_tasks.settings import Settings


def endpoint_at(
    endpoints: Sequence[tuple[Settings, Endpoint]], path: str, method: str | None, asked_by: str
) -> tuple[Settings, Endpoint]:
    """Return the endpoint with this path and method, whose letter case does not matter, with its document's settings.

    asked_by: what a method is given with.

    Raises UserError where there is none, or more than one without a method.
    """
    at_path = [each for each in endpoints if each[1].path == path]
    if not at_path:
        from difflib import get_close_matches

        close = get_close_matches(path, [endpoint.path for _, endpoint in endpoints], n=1)
        raise UserError(f"the document has no path '{path}'", None, f"Did you mean '{close[0]}'?" if close else None)
    found = at_path
    if method is not None:
        found = [each for each in at_path if each[1].method == method]
        found = found or [each for each in at_path if each[1].method.upper() == method.upper()]
    if len(found) == 1:
        return found[0]
    names = list(dict.fromkeys(settings.name for settings, _ in found if settings.name))
    if len(names) > 1 and len({endpoint.method for _, endpoint in found}) == 1:
        listed = ", ".join(f"'{name}'" for name in names)
        hint = f"Say which with {' or '.join(f'--spec {shlex.quote(name)}' for name in names)}"
        raise UserError(f"the path '{path}' is in more than one document: {listed}", None, hint)
    has = ", ".join(dict.fromkeys(endpoint.method for _, endpoint in at_path))
    if method is not None and not found:
        raise UserError(f"the path '{path}' has no {method.upper()}; it has {has}")
    raise UserError(f"the path '{path}' has {has}", None, f"Say which with {asked_by}")
