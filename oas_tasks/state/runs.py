"""The runs and slicers of this process, kept where what doit calls can find them.

doit makes tasks, calls their actions and ends, all without handing on anything of ours but the plain arguments that a
task was made with. Therefore these are globals of the package, together with those listed in ARCHITECTURE.md:

- `RUNS`: what is left of them to save when the process ends, and the index task finds its records there.
- `_process`: a forked child inherits `RUNS` and must not take them for its own.
- `_slicers`: forked children inherit the slicers that the main process made; any other process reads the document once,
  when it gets its first endpoint.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from oas_tasks.document.place import EndpointKey
from oas_tasks.errors import UserError, Where
from oas_tasks.processes import interruption_later, made_to_stay
from oas_tasks.settings import Settings
from oas_tasks.state.output_folder import check_writable
from oas_tasks.state.plans import Announce, document_changed, plan_build, planned_before, read_slicer, unannounced
from oas_tasks.state.run import Run
from oas_tasks.state.store import DAMAGE, Store, open_store

if TYPE_CHECKING:
    from oas_tasks.slices.slicer import Slicer

#: The output folders that calls from a program are writing to, with the threads of these calls; others wait.
_taken: dict[str, int] = {}
_taken_changes = threading.Condition()

#: The runs that this process began, in the order of the specs.
RUNS: list[Run] = []
#: The id of the process that began them.
_process = 0
#: The slicers of this process, each with the digest of the document that it was made from.
_slicers: dict[Settings, tuple[str, Slicer]] = {}
_slicers_lock = threading.Lock()


def start_run(settings: Settings, processes: int, until_exit: bool = True, announce: Announce = unannounced) -> Run:
    """Begin a run in the main process.

    processes: how many may work at the same time.
    until_exit: it ends with the process, where what is unsaved is saved; otherwise in the caller's `runs_ended`.
    announce: as in `plan_build`.

    Raises UserError.
    """
    global _process
    check_writable(settings.output_dir)
    _process = os.getpid()
    if until_exit and not RUNS:
        atexit.register(_leave_all, os.getpid())
    with made_to_stay():
        store = open_store(settings.cache_dir)
        try:
            run = run_with(settings, store, processes, announce)
        except BaseException:
            store.close()
            raise
    RUNS.append(run)
    return run


def run_with(settings: Settings, store: Store, processes: int, announce: Announce = unannounced) -> Run:
    """Return a run with what a store has of earlier ones; if that is damaged, with nothing.

    announce: as in `plan_build`.

    Raises UserError where the document cannot be sliced.
    """

    def planned_run() -> Run:
        def keep(digest: str, slicer: Slicer) -> None:
            _slicers[settings] = (digest, slicer)

        planned = plan_build(settings, store, processes, keep, announce)
        run = Run(settings, store, planned, processes)
        run.check_stored()
        return run

    before = store.replaced
    try:
        run = planned_run()
        if store.replaced == before:
            return run
    except DAMAGE:
        store.start_anew()
    return planned_run()


def run_of_this_process(settings: Settings) -> Run | None:
    """Return the run over a document that this very process began, None where another one did."""
    return next((run for run in RUNS if run.settings == settings), None) if os.getpid() == _process else None


def run_of_other_process(settings: Settings, digest: str) -> Run:
    """Return a run with the plan that the main process stored. Raises UserError where the document has changed since.

    digest: xxh3-128 of the document that was planned.
    """
    store = open_store(settings.cache_dir)
    return Run(settings, store, planned_before(settings, store, digest))


def abandon(runs: Sequence[Run]) -> None:
    """Drop runs that must not go on, before they did anything."""
    for run in runs:
        RUNS.remove(run)
        run.store.close()


@contextmanager
def runs_ended(settings: Sequence[Settings]) -> Iterator[None]:
    """Begin the runs over some documents inside the block and end them with it, so that nothing is left of them.

    Another thread's block for the same output folder waits.

    Raises UserError inside of another such block of this thread, which would wait for itself.
    """
    folders = {os.path.realpath(each.output_dir): each.output_dir for each in settings}
    own = threading.get_ident()
    with _taken_changes:
        for folder, written in folders.items():
            if _taken.get(folder) == own:
                raise UserError("the call that this one is made from is writing there", Where(str(written)))
        _taken_changes.wait_for(lambda: _taken.keys().isdisjoint(folders))
        _taken.update(dict.fromkeys(folders, own))
    try:
        yield
    finally:
        with interruption_later():
            for run in [run for run in RUNS if run.settings in settings]:
                run.leave()
                RUNS.remove(run)
            with _slicers_lock:
                for each in settings:
                    _slicers.pop(each, None)
            with _taken_changes:
                for folder in folders:
                    del _taken[folder]
                _taken_changes.notify_all()


def _leave_all(process: int) -> None:
    if os.getpid() == process:
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the saving
        for run in RUNS:
            run.leave()
        RUNS.clear()
        with _slicers_lock:
            _slicers.clear()
        gc.unfreeze()  # Python finalizes only objects that are not frozen, such as a file that dodo.py has open


def slicer_of(settings: Settings, digest: str, processes: int) -> Slicer:
    """Return this process's slicer of a document, which it reads if it has none.

    digest: xxh3-128 of the document that was planned.
    processes: how many may read the document.

    Raises UserError where the document cannot be read or has changed since.
    """
    with _slicers_lock:
        known = _slicers.get(settings)
        if known is None or known[0] != digest:
            known = _slicers[settings] = read_slicer(settings, processes)
        if known[0] != digest:
            raise document_changed(settings)
        return known[1]


def expect_slices(run: Run, endpoints: Collection[EndpointKey]) -> None:
    """Have this process's slicer of a document, if there is one, prepare for a few endpoints only."""
    known = _slicers.get(run.settings)
    if known is not None and 2 * len(endpoints) < run.total:
        known[1].expect(endpoints)
