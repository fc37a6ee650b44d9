"""The words about affected endpoints that text and Markdown share: counts, notes, causes."""

from __future__ import annotations

from collections.abc import Sequence

from oas_tasks.commands.affected_endpoints.affected_changes import AffectedEndpoint, Wanted, changes
from oas_tasks.commands.causes import in_words
from oas_tasks.queries.affected import Affected
from oas_tasks.queries.compare import CauseKind, Extent

#: The most causes of one endpoint in text and Markdown; JSON has all of them.
_MOST_CAUSES = 5


def counts(affected: Sequence[Affected], since: str) -> str:
    """Return how many endpoints were added, removed, changed and not changed since a revision."""
    found = [each.comparison for each in affected]
    texts = sum(each.extent is Extent.TEXT for document in found for each in document.changed)
    parts = (
        (sum(len(each.added) for each in found), "added"),
        (sum(len(each.removed) for each in found), "removed"),
        (sum(len(each.changed) for each in found), f"changed ({texts:,} in text only)" if texts else "changed"),
        (sum(each.unchanged for each in found), "unchanged"),
    )
    return ", ".join(f"{count:,} {word}" for count, word in parts) + f" since {since}"


def notes(affected: Sequence[Affected], wanted: Wanted) -> list[str]:
    """Return notes about changes that are left out."""
    found = []
    names = list(dict.fromkeys(name for each in affected for name in each.comparison.volatile))
    if names:
        verb, them = ("differs", "it is") if len(names) == 1 else ("differ", "they are")
        found.append(f"{', '.join(names)} {verb} as well; {them} volatile and left out")
    count = sum(1 for _ in changes(affected)) - sum(1 for _ in changes(affected, wanted.only))
    if wanted.only is not None and count:
        found.append(f"{count:,} left out by --only {wanted.only.value}")
    return found


def cause_lines(change: AffectedEndpoint) -> list[str]:
    """Return the lines about an endpoint's causes, up to the most that are written."""
    lines = [in_words(cause) for cause in change.causes[:_MOST_CAUSES]]
    if len(change.causes) > _MOST_CAUSES:
        lines.append(f"and {len(change.causes) - _MOST_CAUSES:,} more")
    if change.reason and not any(cause.kind is CauseKind.FAULT for cause in change.causes):
        lines.append(f"a fault: {change.reason}")
    return lines
