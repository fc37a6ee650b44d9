"""The action of a slice task: makes one slice and writes it where it differs from what is there.

Runs in whatever process or thread doit chooses; touches the slice's own file and nothing else. What it returns goes
through doit to the main process, which keeps the records.
"""

from __future__ import annotations

import errno
import inspect
import time
from traceback import format_exception

from doit.exceptions import TaskFailed
from doit.task import Task
from xxhash import xxh3_128_hexdigest

from oas_tasks.errors import UserError, crash_reason
from oas_tasks.file_stamp import NO_STAMP, stamp_of
from oas_tasks.printable import printable
from oas_tasks.settings import Settings
from oas_tasks.slices.told import encoded, reason_of
from oas_tasks.state.index_csv import FAIL, PASS, WARN
from oas_tasks.state.output_folder import foreign_fault, is_foreign, write_atomically
from oas_tasks.state.plans import slicer_of
from oas_tasks.state.present import current_content


def build_slice(
    settings: Settings, digest: str, path: str, method: str, is_own: bool, task: Task
) -> dict[str, object] | TaskFailed:
    """Bring the slice of one endpoint up to date and return its values, or fail the task.

    digest: xxh3-128 of the document that was planned.
    is_own: what may be there by the slice's name, an earlier run has written.
    task: given by doit; `alone` in its `meta` says that no index task follows that would fail for this one's fault.

    A fault in the document is a result: no slice, the old one is removed, the values say FAIL, or there is one that has
    the fault too, and they say WARN. A fault of the machine
    is tried once more, then it is a result too, but one without a fingerprint, which is tried again by the next run.
    So is a fault of this tool itself, whatever is raised: it costs this endpoint its slice, and no other.
    """
    started = time.perf_counter()
    try:
        try:
            values = _build(settings, digest, path, method, is_own)
        except OSError:
            values = _build(settings, digest, path, method, is_own)
    except OSError as error:
        file = error.filename2 or error.filename or settings.output_dir
        reason = printable(f"{file}: cannot be written: {error.strerror or error}")
        values = _values("", FAIL, reason)
    except UnicodeEncodeError as error:  # only under a locale without UTF-8, and only by a file's name
        values = _values("", FAIL, f"no file can be called so where names are in {error.encoding}: use a UTF-8 locale")
    except UserError as error:
        values = _values("", FAIL, str(error))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  doit would call it an error of its own, and name no endpoint
        values = _values("", FAIL, crash_reason(error), traceback="".join(format_exception(error)))
    values["milliseconds"] = round((time.perf_counter() - started) * 1000, 1)
    if task.meta.get("alone") and values["status"] == FAIL:
        faults, is_tolerable = str(values.get("faults", "")), bool(values.get("is_tolerable"))
        return SliceFailed(str(values["reason"]), str(values["traceback"]), faults, is_tolerable)
    return values


class SliceFailed(TaskFailed):  # type: ignore[misc]
    """What a slice's task comes to where it fails for its endpoint.

    within: where this tool itself went wrong, "" where it did not. What doit calls `traceback` its reporters show.
    faults, is_tolerable: as a record has them.
    """

    def __init__(self, reason: str, within: str = "", faults: str = "", is_tolerable: bool = False) -> None:
        super().__init__(reason)
        self.within = within
        self.faults = faults
        self.is_tolerable = is_tolerable

    def get_name(self) -> str:
        """Return what doit's reporters call it."""
        return "TaskFailed"


#: doit asks for it at every task, and to find it out anew takes longer than all else that doit does for one.
build_slice.__signature__ = inspect.signature(build_slice)  # type: ignore[attr-defined]


def _build(settings: Settings, digest: str, path: str, method: str, is_own: bool) -> dict[str, object]:
    slicer = slicer_of(settings, digest)
    made = slicer.make(path, method)
    file = settings.output_dir / made.endpoint.file
    if made.traceback:
        return _values("", FAIL, made.reason, traceback=made.traceback)
    if made.content is None:
        removed = is_own or not is_foreign(file, path, method)
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
    found = current_content(file, made.content, slicer)
    content, changed = (made.content, True) if found is None else (found, False)
    if changed:
        if not is_own and is_foreign(file, path, method):
            return _values("", FAIL, foreign_fault(file))
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, content)
    status = file.lstat()
    if status.st_size != len(content):  # a disk that says nothing, or somebody else who writes there
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
    """Return what becomes of a slice that could not be made for a fault of the machine; the next run tries again.

    is_alone: no index task follows that would fail for it.
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
