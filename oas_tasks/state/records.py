"""The records of an output folder: what became of each endpoint's slice, and which slices a run set out to write.

Both are stored in the cache folder (`store.py`), which alone decides what of it can be believed.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import UTC, datetime
from functools import cached_property

from oas_tasks.document.place import EndpointKey
from oas_tasks.file_stamp import stamp_of
from oas_tasks.plan.plan import Endpoint
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import Diagnostic, encoded, reason_of
from oas_tasks.state.index_csv import FAIL, FILE_NAME, read_index, when_made
from oas_tasks.state.store import Intent, Record, Store, output_key

#: Seconds between two transactions while slices are made.
_SAVE_INTERVAL = 1.0


class Records:
    """What became of each endpoint: in earlier runs, and in this one as its tasks finish.

    finished: the endpoints whose tasks have finished in this run.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.finished: set[EndpointKey] = set()
        self._store = store
        self._output = output_key(settings)
        self._index = settings.output_dir / FILE_NAME
        self._has_index = settings.csv
        self._by_key: dict[EndpointKey, Record] | None = None
        #: Those that were read one by one, and those of this run.
        self._read_alone: dict[EndpointKey, Record | None] = {}
        self._new: dict[EndpointKey, Record] = {}
        self._unsaved: list[Record] = []
        self._is_index_adopted = False
        self._saved_at = time.monotonic()

    @property
    def by_key(self) -> dict[EndpointKey, Record]:
        """The last record of each endpoint. Raises what `read` raises."""
        return self.read() if self._by_key is None else self._by_key

    def read(self) -> dict[EndpointKey, Record]:
        """Read the records of earlier runs. Raises ValueError or TypeError where they are damaged.

        Times come from an index of another machine where there is one: its builds of the same document took other
        times, and the ones that were committed must stay.
        """
        self._by_key = found = self._store.records(self._output)
        for key, row in self.rows_from_elsewhere.items():
            record = found.get(key)
            if record is not None:
                adopted = _with_times_of(row, record)
                if adopted != record:
                    found[key] = adopted
                    self._unsaved.append(adopted)
        found.update(self._new)
        return found

    def get(self, key: EndpointKey) -> Record | None:
        """Return the last record of an endpoint. Raises ValueError or TypeError where it is damaged."""
        if self._by_key is not None:
            return self._by_key.get(key)
        if key not in self._new and key not in self._read_alone:
            self._read_alone[key] = self._store.record(self._output, key)
        return self._new.get(key) or self._read_alone[key]

    def _put(self, record: Record) -> None:
        self._new[record.key] = record
        if self._by_key is not None:
            self._by_key[record.key] = record
        self._unsaved.append(record)

    @property
    def rows_from_elsewhere(self) -> Mapping[EndpointKey, dict[str, str]]:
        """The rows of index.csv where the last complete run did not write it: it was checked out since, for example.

        Or an interrupted run wrote it, whose rows are just as good.
        """
        return {} if self._foreign_stamp is None else self._index_rows

    @cached_property
    def _foreign_stamp(self) -> tuple[int, str] | None:
        """Size and stamp of an index.csv that the last complete run did not write, else None."""
        stamp = self._store.stamp(self._output) if self._has_index else None
        with contextlib.suppress(OSError):
            status = self._index.lstat()
            found = (status.st_size, stamp_of(status))
            if stamp is not None and stamp[1:] != [*found]:
                return found
        return None

    @cached_property
    def _index_rows(self) -> dict[EndpointKey, dict[str, str]]:
        return read_index(self._index)

    def keep_index_rows(self) -> Mapping[EndpointKey, dict[str, str]]:
        """Return the rows of index.csv as this run found it; has to be called before the run replaces that file."""
        return self._index_rows

    def add(self, record: Record, is_changed: bool) -> None:
        """Add the record of a task that finished, and store the new records about once a second.

        is_changed: the task changed the slice's file. If not, the slice keeps the time at which it was made.
        """
        record = record if is_changed else self._with_earlier_times(record)
        self.finished.add(record.key)
        self._put(record)
        if time.monotonic() - self._saved_at >= _SAVE_INTERVAL:
            self.save()

    def renew_reason(self, record: Record, faults: Sequence[Diagnostic], digest: str) -> None:
        """Store the faults of an endpoint without a slice with the lines that they have now.

        digest: xxh3-128 of the document, to which the lines refer.
        """
        self._put(record._replace(reason=reason_of(faults), faults=encoded(faults), digest=digest))

    def restamp(self, record: Record, stamp: str) -> None:
        """Store the stamp that a file with unchanged content has now."""
        self._put(record._replace(stamp=stamp))

    def _with_earlier_times(self, record: Record) -> Record:
        before = self.get(record.key)
        if before is not None and (before.status, before.reason) == (record.status, record.reason):
            return record._replace(created_at=before.created_at, milliseconds=before.milliseconds)
        row = self.keep_index_rows().get(record.key)
        return record if row is None else _with_times_of(row, record)

    def save(self) -> None:
        """Store the records that are new since the last call."""
        if self._unsaved:
            self._store.save_records(self._output, self._unsaved)
            self._unsaved = []
            if self._foreign_stamp is not None and not self._is_index_adopted:
                self._store.save_stamp(self._output, ["", *self._foreign_stamp])
                self._is_index_adopted = True
        self._saved_at = time.monotonic()


def _with_times_of(row: Mapping[str, str], record: Record) -> Record:
    """Return a record with the times of its endpoint's row in an index, if that row has the same result."""
    when = (
        when_made(row) if (row["validation_status"], row["failure_reason"]) == (record.status, record.reason) else None
    )
    return record if when is None else record._replace(created_at=when.created_at, milliseconds=when.milliseconds)


def record_of(endpoint: Endpoint, values: Mapping[str, object], digest: str) -> Record:
    """Return the record of a slice task.

    values: what the task returned. digest: xxh3-128 of the document, to which the reason of a failure refers.
    """
    status = str(values["status"])
    has_slice = status != FAIL
    return Record(
        *endpoint.key,
        file=endpoint.file if has_slice else "",
        fingerprint=str(values["fingerprint"]),
        status=status,
        reason=str(values["reason"]),
        size=int(str(values["size"])),
        stamp=str(values["stamp"]),
        digest=str(values["digest"]) if has_slice else digest,
        created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if has_slice else "",
        milliseconds=float(str(values["milliseconds"])),
        warnings=str(values["warnings"]),
        schema_count=int(str(values["schema_count"])),
        faults=str(values.get("faults", "")),
        is_tolerable=bool(values.get("is_tolerable")),
    )


class IntentJournal:
    """The slices that runs set out to write, stored beforehand: a killed run cannot record what it wrote."""

    def __init__(self, store: Store, output: str) -> None:
        self._store = store
        self._output = output
        self._unfinished: list[Intent] | None = None

    @property
    def unfinished(self) -> list[Intent]:
        """The intents of earlier runs that did not complete, as this run found them."""
        return self.read() if self._unfinished is None else self._unfinished

    def read(self) -> list[Intent]:
        """Read the intents of earlier runs."""
        self._unfinished = self._store.intended(self._output)
        return self._unfinished

    def unrecorded(self, records: Mapping[EndpointKey, Record]) -> list[Intent]:
        """Return the slices that a killed run may have written without recording them."""
        recorded = {key: record.fingerprint for key, record in records.items() if record.has_slice}
        return [each for each in self.unfinished if recorded.get(each.key) != each.fingerprint]

    def begin(self, stale: Iterable[Endpoint]) -> None:
        """Store that the slices of these endpoints are going to be written."""
        new = (Intent(*each.key, each.file, each.fingerprint) for each in stale)
        last = {each.key: each for each in (*self.unfinished, *new)}
        self._store.save_intended(self._output, last.values())

    def end(self, records: Records, kept: Set[EndpointKey]) -> None:
        """Store that everything written is recorded and that the leftovers of killed runs are removed.

        kept: the endpoints whose leftovers stay.
        """
        if self.unfinished or (records.finished and self._store.intended(self._output)):
            records.save()
            self._store.save_intended(self._output, [each for each in self.unfinished if each.key in kept])
