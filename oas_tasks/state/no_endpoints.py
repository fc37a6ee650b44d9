"""Says why no document has an endpoint that is asked for: a mistake, for which no slice is removed."""

from __future__ import annotations

from collections.abc import Sequence

from oas_tasks.document.document import meant_by, parse_document, read_bytes
from oas_tasks.errors import UserError
from oas_tasks.plan.filters import filters_of
from oas_tasks.settings import SETTINGS
from oas_tasks.state.run import Run


def no_endpoints(runs: Sequence[Run]) -> UserError:
    """Return the error for runs of which none has an endpoint."""
    settings = runs[0].settings
    given = filters_of(settings)
    filters = [f"{SETTINGS[name].option} {value}" for name, value in given.items()]
    if filters:
        idle = [each for each in runs[0].plan.idle if each.name in given]
        guesses = " or ".join(f"'{each.guess}'" for each in idle if each.guess)
        hint = (
            f"Did you mean {guesses}?"
            if guesses
            else ". ".join(dict.fromkeys(each.there_is for each in idle if each.there_is))
        )
        if not hint and any(each.name == "filter" for each in idle):
            hint = "'slice-oas list' shows all paths"
        hint = hint or "An endpoint has to pass every filter; 'slice-oas list' shows which there are"
        return UserError(f"no endpoint of {settings.spec} matches {' and '.join(filters)}", None, hint)
    root = parse_document(read_bytes(settings.spec, str(settings.spec)), str(settings.spec)).root
    why = "'paths' is empty" if "paths" in root else "it has no 'paths'"
    message = f"{settings.spec} has no endpoints: {why}"
    if settings.webhooks or not root.get("webhooks"):
        return UserError(message, None, None if "paths" in root else meant_by("paths", root))
    if settings.output_version == "3.0.x":
        return UserError(f"{message}, and OpenAPI 3.0 has no webhooks")
    return UserError(f"{message}, but it has webhooks", None, "Use --webhooks to slice them")
