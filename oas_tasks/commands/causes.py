"""Causes of a change, as people are told them."""

from __future__ import annotations

from oas_tasks.queries.compare import Cause, CauseKind

_WORDS = {
    CauseKind.SETTINGS: "the settings",
    CauseKind.ROOT: "the root field {part}",
    CauseKind.OPERATION: "its operation",
    CauseKind.CHANGED: "{part}{via}",
    CauseKind.ADDED: "{part} (new){via}",
    CauseKind.REMOVED: "{part} (removed){via}",
    CauseKind.REACHED: "{part} (reached now){via}",
    CauseKind.LEFT: "{part} (no longer reached){via}",
    CauseKind.LINK: "a link to {part}",
    CauseKind.ORDER: "the order of its parts, or where a link leads",
    CauseKind.FILE: "its file, which was {part}",
    CauseKind.FAULT: "a fault: {part}",
}


def in_words(cause: Cause) -> str:
    """Return a cause in words: `components/schemas/User via components/schemas/Order`."""
    if cause.kind is CauseKind.FAULT and not cause.part:
        return "a fault that was mended"
    return _WORDS[cause.kind].format(part=cause.part, via=f" via {' > '.join(cause.via)}" if cause.via else "")


def as_json(cause: Cause) -> dict[str, object]:
    """Return a cause for programs."""
    return {"kind": cause.kind.value, "part": cause.part, "via": list(cause.via)}
