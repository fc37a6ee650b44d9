"""The action of a slice task: makes one slice and writes it if its file differs.

It runs in any process or thread that doit chooses, and touches no file but the slice's. doit hands the values that it
returns to the main process, which keeps the records.
"""

from __future__ import annotations

import errno
import inspect
import time
from traceback import format_exception

from doit.exceptions import TaskFailed
from doit.task import Task
from xxhash import xxh3_128_hexdigest

from oas_tasks.document.place import EndpointKey
from oas_tasks.errors import UserError, crash_reason
from oas_tasks.file_stamp import NO_STAMP, stamp_of
from oas_tasks.printable import printable
from oas_tasks.settings import Settings
from oas_tasks.slices.diagnostic import encoded, reason_of
from oas_tasks.state.index_csv import FAIL, PASS, WARN
from oas_tasks.state.output_folder import foreign_fault, is_foreign, up_to_date_content, write_atomically
from oas_tasks.state.runs import slicer_of


def build_slice(
    settings: Settings, digest: str, key: EndpointKey, is_own: bool, processes: int, task: Task
) -> dict[str, object] | TaskFailed:
    """Bring the slice of one endpoint up to date and return its values, or fail the task.

    digest: xxh3-128 of the document that was planned.
    is_own: an earlier run wrote the file that may exist under the slice's name.
    processes: how many may read the document.
    task: given by doit; `alone` in its `meta` means that this task has to fail for a fault, since no index task does.

    A fault in the document is a result: either the values say FAIL, and an old slice is removed, or they say WARN, and
    the slice has the fault too. After an error of the machine the slice is tried once more; the second one is a result
    without a fingerprint, so that the next run tries again. The same goes for any exception that is a fault of this
    tool: other endpoints get their slices.
    """
    started = time.perf_counter()
    try:
        try:
            values = _build(settings, digest, key, is_own, processes)
        except OSError:
            values = _build(settings, digest, key, is_own, processes)
    except OSError as error:
        file = error.filename2 or error.filename or settings.output_dir
        reason = printable(f"{file}: cannot be written: {error.strerror or error}")
        values = _values("", FAIL, reason)
    except UnicodeEncodeError as error:  # a file name, under a locale without UTF-8
        values = _values("", FAIL, f"file names in {error.encoding} cannot have these characters: use a UTF-8 locale")
    except UserError as error:
        values = _values("", FAIL, str(error))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  doit would report it as its own error, without the endpoint
        values = _values("", FAIL, crash_reason(error), traceback="".join(format_exception(error)))
    values["milliseconds"] = round((time.perf_counter() - started) * 1000, 1)
    if task.meta.get("alone") and values["status"] == FAIL:
        faults, is_tolerable = str(values.get("faults", "")), bool(values.get("is_tolerable"))
        return SliceFailed(str(values["reason"]), str(values["traceback"]), faults, is_tolerable)
    return values


class SliceFailed(TaskFailed):  # type: ignore[misc]
    """The failure of a slice task that has to fail for its endpoint's fault.

    within: the traceback of an error in this tool, or "". (doit's reporters would show an attribute `traceback`.)
    faults, is_tolerable: as in a record.
    """

    def __init__(self, reason: str, within: str = "", faults: str = "", is_tolerable: bool = False) -> None:
        super().__init__(reason)
        self.within = within
        self.faults = faults
        self.is_tolerable = is_tolerable

    def get_name(self) -> str:
        """Return the name that doit's reporters show."""
        return "TaskFailed"


#: doit asks for the signature at every task, and inspecting it takes longer than all else that doit does for one.
build_slice.__signature__ = inspect.signature(build_slice)  # type: ignore[attr-defined]


def _build(settings: Settings, digest: str, key: EndpointKey, is_own: bool, processes: int) -> dict[str, object]:
    slicer = slicer_of(settings, digest, processes)
    made = slicer.make(*key)
    file = settings.output_dir / made.endpoint.file
    if made.traceback:
        return _values("", FAIL, made.reason, traceback=made.traceback)
    if made.content is None:
        removed = is_own or not is_foreign(file, key)
        if removed:
            try:
                file.unlink()
            except FileNotFoundError:
                removed = False
        return _values(
            made.endpoint.fingerprint,
            FAIL,
            reason_of(made.faults),
            changed=removed,
            faults=encoded(made.faults),
            is_tolerable=made.is_tolerable,
        )
    found = up_to_date_content(file, made.content, slicer)
    content, changed = (made.content, True) if found is None else (found, False)
    if changed:
        if not is_own and is_foreign(file, key):
            return _values("", FAIL, foreign_fault(file))
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, content)
    status = file.lstat()
    if status.st_size != len(content):  # a disk that hides errors, or another program that writes there
        raise OSError(errno.EIO, "it is not as it was written", str(file))
    return _values(
        made.endpoint.fingerprint,
        WARN if made.faults else PASS,
        reason_of(made.faults),
        changed=changed,
        size=len(content),
        stamp=stamp_of(status),
        digest=xxh3_128_hexdigest(content),
        warnings=encoded(made.warnings),
        schema_count=made.schema_count,
        faults=encoded(made.faults),
        is_tolerable=made.is_tolerable,
    )


def lost_slice(reason: str, is_alone: bool) -> dict[str, object] | TaskFailed:
    """Return the result of a slice task whose process was lost; the next run tries again.

    is_alone: the task has to fail, since no index task follows that would.
    """
    values = {**_values("", FAIL, reason), "milliseconds": 0.0}
    return SliceFailed(reason) if is_alone else values


def _values(
    fingerprint: str,
    status: str,
    reason: str,
    changed: bool = False,
    size: int = 0,
    stamp: str = NO_STAMP,
    digest: str = "",
    warnings: str = "",
    schema_count: int = 0,
    traceback: str = "",
    faults: str = "",
    is_tolerable: bool = False,
) -> dict[str, object]:
    values: dict[str, object] = {
        "fingerprint": fingerprint,
        "status": status,
        "reason": reason,
        "changed": changed,
        "size": size,
        "stamp": stamp,
        "digest": digest,
        "warnings": warnings,
        "schema_count": schema_count,
        "traceback": traceback,
    }
    return {**values, "faults": faults, "is_tolerable": is_tolerable} if faults else values
