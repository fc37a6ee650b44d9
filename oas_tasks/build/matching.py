"""Makes slices without writing them, and compares each with its file: for commands that only tell something."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import partial
from typing import NamedTuple

from xxhash import xxh3_128_hexdigest

from oas_tasks.build.atomic import holds, holds_but_for_line_ends
from oas_tasks.build.plan_cache import slicer_of
from oas_tasks.build.run import Run
from oas_tasks.config import Settings
from oas_tasks.slicing.plan import Endpoint

#: Below as many slices, starting processes costs more than it gives.
_WORTH_PROCESSES = 40


class FileState(Enum):
    """What a file is, compared with the slice that the document gives.

    SAME: it has the slice's bytes. OTHER: it has others. LINE_ENDS: just the ends of its lines are others. MISSING: it
    is not there. LEFT: it is there, and the endpoint has a fault, so that there is no slice.
    """

    SAME = "same"
    OTHER = "other"
    LINE_ENDS = "line ends"
    MISSING = "missing"
    LEFT = "left"


class Match(NamedTuple):
    """A slice as the document gives it, and what its file is.

    reason: the fault that leaves the endpoint without a slice, or "".
    size, digest: of its bytes (xxh3-128), 0 and "" where there are none.
    schema_count: of the schemas in its components.
    """

    endpoint: Endpoint
    state: FileState
    reason: str
    size: int
    digest: str
    warnings: tuple[str, ...]
    schema_count: int


def matches(run: Run, endpoints: Sequence[Endpoint]) -> Iterator[Match]:
    """Yield for each of these endpoints what its file is, in their order. Raises UserError.

    Several processes share the work where there is enough of it, and where they can be forked: others would have to
    read the document again, which for the most part takes longer.
    """
    if not endpoints:
        return
    settings, digest = run.settings, run.planned.digest
    match = partial(_match, settings, digest)
    processes = min(settings.concurrency, len(endpoints) // _WORTH_PROCESSES + 1)
    if processes == 1 or not sys.platform.startswith("linux"):
        yield from map(match, endpoints)
        return
    from multiprocessing import get_context

    slicer_of(settings, digest, endpoints[0].path, endpoints[0].method)  # which the processes inherit
    # Neighbours reach the same parts, which a process validates once: each is given long stretches. An interruption is
    # the main process's to speak of.
    with get_context("fork").Pool(processes, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        yield from pool.imap(match, endpoints, len(endpoints) // (4 * processes) + 1)


def _match(settings: Settings, digest: str, endpoint: Endpoint) -> Match:
    made = slicer_of(settings, digest, endpoint.path, endpoint.method).make(endpoint.path, endpoint.method)
    file = settings.output_dir / endpoint.file
    content = made.content
    if content is None:
        state = FileState.LEFT if file.exists() else FileState.MISSING
        return Match(endpoint, state, made.reason, 0, "", made.warnings, 0)
    if holds(file, content):
        state = FileState.SAME
    elif not file.exists():
        state = FileState.MISSING
    else:
        state = FileState.LINE_ENDS if holds_but_for_line_ends(file, content) else FileState.OTHER
    return Match(endpoint, state, "", len(content), xxh3_128_hexdigest(content), made.warnings, made.schema_count)
