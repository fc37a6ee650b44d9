"""What the last run left, where that was clean: after an edit only what changed since has to be looked at.

A clean output (`CleanOutput`) has a slice without faults for every row of its plan. If all its files are as they were,
an endpoint whose row is the same now has a slice that is up to date, and its row of index.csv is the one that is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from oas_tasks.document.place import EndpointKey
from oas_tasks.plan.plan import Endpoint, Plan
from oas_tasks.state.index_csv import index_bytes
from oas_tasks.state.store import CleanOutput, Record

#: An output is taken for another one if more than one of so many endpoints changed.
_MOST_CHANGED = 2


class LastOutput(NamedTuple):
    """A clean output, and how the plan differs from the one that it was made by.

    rows: the endpoints of that plan. changed: the keys of those that are new or others now. gone: those that are not in
    the plan any more.
    """

    clean: CleanOutput
    rows: Mapping[EndpointKey, Endpoint]
    changed: frozenset[EndpointKey]
    gone: tuple[EndpointKey, ...]

    @classmethod
    def of(cls, clean: CleanOutput, before: Plan, plan: Plan) -> LastOutput | None:
        """Compare two plans; None where so much differs that everything may as well be looked at."""
        rows = {endpoint.key: endpoint for endpoint in before.endpoints}
        now = {endpoint.key: endpoint for endpoint in plan.endpoints}
        if len(rows) != len(before.endpoints) or len(now) != len(plan.endpoints):
            return None
        changed = frozenset(key for key, endpoint in now.items() if rows.get(key) != endpoint)
        gone = tuple(key for key in rows if key not in now)
        if _MOST_CHANGED * (len(changed) + len(gone)) > len(rows):
            return None
        return cls(clean, rows, changed, gone)

    def has_slice_of(self, endpoint: Endpoint) -> bool:
        """Whether the slice of an endpoint is up to date."""
        before = self.rows.get(endpoint.key)
        return before is not None and (before.fingerprint, before.file) == (endpoint.fingerprint, endpoint.file)

    def updated(
        self, plan: Plan, new: Mapping[EndpointKey, Record], others: Mapping[str, tuple[int, str]]
    ) -> CleanOutput | None:
        """Return the output as it is now, None where it is not, or not without warnings.

        new: the records of the endpoints that changed or were made again.
        others: size and stamp of the files that are no slices.
        """
        if any(record.warnings or record.faults or not record.has_slice for record in new.values()):
            return None
        files = dict(self.clean.files)
        for key in (*self.gone, *new):
            before = self.rows.get(key)
            if before is not None:
                files.pop(before.file, None)
        files |= {record.file: (record.size, record.stamp) for record in new.values()}
        files |= others
        count = len(plan.endpoints)
        return CleanOutput(count, files) if len(files) == count + len(others) else None


def updated_index(
    content: bytes,
    last: LastOutput,
    plan: Plan,
    new: Sequence[tuple[Endpoint, Record]],
    without: Iterable[EndpointKey],
) -> bytes | None:
    """Return the content of index.csv with some rows replaced; None where its lines cannot be told apart.

    content: what the last run wrote. new: the rows that changed. without: the endpoints that have no row.
    """
    header, *lines = content.split(_END)
    own_header, *own_lines = index_bytes(new, plan.family).split(_END)
    if header != own_header or len(lines) != len(last.rows) + 1 or len(own_lines) != len(new) + 1:
        return None  # a cell has line ends
    found: dict[EndpointKey, bytes] = dict(zip(last.rows, lines, strict=False))
    found.update(zip((endpoint.key for endpoint, _ in new), own_lines, strict=False))
    for key in without:
        found.pop(key, None)
    rows = [found[endpoint.key] for endpoint in plan.endpoints if endpoint.key in found]
    return _END.join([header, *rows, b""])


_END = b"\r\n"
