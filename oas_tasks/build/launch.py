"""Running the tasks from a program instead of from a dodo.py: what `slice-oas` does."""

from __future__ import annotations

from collections.abc import Sequence

from doit.cmd_base import ModuleTaskLoader
from doit.doit_cmd import DoitMain

from oas_tasks.build.doit_config import doit_config
from oas_tasks.build.reporter import Output, Progress, Reporter
from oas_tasks.build.tasks import Builds

#: Below as many stale endpoints, starting processes costs more than it gives.
_WORTH_PROCESSES = 40

#: Exit codes of doit: tasks failed; something went wrong that is none of theirs.
_FAILED, _ERROR = 1, 2


class _Main(DoitMain):  # type: ignore[misc]
    BIN_NAME = "slice-oas"


def run_tasks(builds: Builds, names: Sequence[str], processes: int, stream: Output, progress: Progress | None) -> int:
    """Run tasks by name, all where none is named, and return doit's exit code (0, 1 failed, 2 error, 3 not started).

    Just 1 also where doit takes a failure for an error since other tasks wait for it, as it does of several documents.

    processes: how many at most; fewer are used where they do not pay.
    progress: shows what is finished; lines on `stream` where it is None.
    """
    reporter = Reporter(stream, {})
    if progress is not None:
        reporter.progress = progress
    config = {**doit_config(builds.runs[0].settings.cache_dir), "reporter": reporter, "outfile": stream}
    namespace: dict[str, object] = {**builds.namespace(), "DOIT_CONFIG": config}
    stale = sum(len(run.stale) for run in builds.runs)
    wanted = processes if processes > 1 and stale >= _WORTH_PROCESSES else 0
    arguments = ["run", "-n", str(wanted), *names]
    code = int(_Main(ModuleTaskLoader(namespace), config_filenames=()).run(arguments))
    return _FAILED if code == _ERROR and reporter.only_failed else code
