"""Says why no document has an endpoint that is asked for: a mistake, for which no slice is removed."""

from __future__ import annotations

from collections.abc import Sequence

from oas_tasks.document.document import parse_document, read_bytes
from oas_tasks.errors import UserError
from oas_tasks.plan.filters import filters_of
from oas_tasks.settings import SETTINGS, Settings
from oas_tasks.state.run import Run


def no_endpoints(runs: Sequence[Run]) -> UserError:
    """Return the error for runs of which none has an endpoint."""
    settings = runs[0].settings
    given = filters_of(settings)
    filters = [f"{SETTINGS[name].option} {value}" for name, value in given.items()]
    if filters:
        guesses = " or ".join(f"'{each.guess}'" for each in runs[0].plan.idle if each.guess and each.name in given)
        hint = f"Did you mean {guesses}?" if guesses else None
        return UserError(f"no endpoint of {settings.spec} matches {' and '.join(filters)}", None, hint)
    message = f"{settings.spec} has no endpoints: 'paths' is empty"
    if settings.webhooks or not _has_webhooks(settings):
        return UserError(message)
    if settings.output_version == "3.0.x":
        return UserError(f"{message}, and OpenAPI 3.0 has no webhooks")
    return UserError(f"{message}, but it has webhooks", None, "Use --webhooks to slice them")


def _has_webhooks(settings: Settings) -> bool:
    """Whether a document has webhooks, which are no endpoints unless they are asked for."""
    return bool(parse_document(read_bytes(settings.spec, str(settings.spec)), str(settings.spec)).root.get("webhooks"))
