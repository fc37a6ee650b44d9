"""Writes the causes of a change, in words and for JSON."""

from __future__ import annotations

from oas_tasks.queries.compare import Cause, CauseKind

#: The words for each kind; only parts are reached via others.
_WORDS = {
    CauseKind.SETTINGS: "the settings",
    CauseKind.ROOT: "the root field {part}",
    CauseKind.OPERATION: "its operation",
    CauseKind.CHANGED: "{part}",
    CauseKind.ADDED: "{part} (new)",
    CauseKind.REMOVED: "{part} (removed)",
    CauseKind.REACHED: "{part} (reached now)",
    CauseKind.LEFT: "{part} (no longer reached)",
    CauseKind.LINK: "a link to {part}",
    CauseKind.ORDER: "the order of its parts, or where a link leads",
    CauseKind.FILE: "its file, which was {part}",
    CauseKind.FAULT: "a fault: {part}",
}


def in_words(cause: Cause) -> str:
    """Return a cause in words: `components/schemas/User via components/schemas/Order`."""
    if cause.kind is CauseKind.FAULT and not cause.part:
        return "a fault that was corrected"
    via = f" via {' > '.join(cause.via)}" if cause.via else ""
    return _WORDS[cause.kind].format(part=cause.part) + via


def as_json(cause: Cause) -> dict[str, object]:
    """Return a cause for JSON."""
    return {"kind": cause.kind.value, "part": cause.part, "via": list(cause.via)}
