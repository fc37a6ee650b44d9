"""Causes of a change, as people are told them."""

from __future__ import annotations

from oas_tasks.queries.compare import Cause, CauseKind


def in_words(cause: Cause) -> str:
    """Return a cause in words: `components/schemas/User via components/schemas/Order`."""
    via = f" via {' > '.join(cause.via)}" if cause.via else ""
    match cause.kind:
        case CauseKind.SETTINGS:
            return "the settings"
        case CauseKind.ROOT:
            return f"the root field {cause.part}"
        case CauseKind.OPERATION:
            return "its operation"
        case CauseKind.CHANGED:
            return f"{cause.part}{via}"
        case CauseKind.ADDED:
            return f"{cause.part} (new){via}"
        case CauseKind.REMOVED:
            return f"{cause.part} (removed){via}"
        case CauseKind.REACHED:
            return f"{cause.part} (reached now){via}"
        case CauseKind.LEFT:
            return f"{cause.part} (no longer reached){via}"
        case CauseKind.LINK:
            return f"a link to {cause.part}"
        case CauseKind.ORDER:
            return "the order of its parts, or where a link leads"
        case CauseKind.FILE:
            return f"its file, which was {cause.part}"
        case CauseKind.FAULT:
            return f"a fault: {cause.part}" if cause.part else "a fault that was mended"


def as_json(cause: Cause) -> dict[str, object]:
    """Return a cause for programs."""
    return {"kind": cause.kind.value, "part": cause.part, "via": list(cause.via)}
