"""Runs the tasks from a program instead of a dodo.py, for `slice-oas`."""

from __future__ import annotations

from collections.abc import Sequence

from doit.cmd_base import ModuleTaskLoader
from doit.doit_cmd import DoitMain

from oas_tasks.errors import UserError
from oas_tasks.tasks.doit_config import doit_config
from oas_tasks.tasks.output import Output
from oas_tasks.tasks.reporter import Progress, Reporter
from oas_tasks.tasks.run_command import RunCommand
from oas_tasks.tasks.tasks import Builds


class _Main(DoitMain):  # type: ignore[misc]
    BIN_NAME = "slice-oas"

    def get_cmds(self) -> dict[str, type]:
        """Return doit's commands by name, with our `run` even where doit does not load our entry points."""
        commands: dict[str, type] = super().get_cmds()
        commands["run"] = RunCommand
        return commands


def run_tasks(builds: Builds, names: Sequence[str], processes: int, stream: Output, progress: Progress | None) -> int:
    """Run the named tasks, or all if none is named, and return doit's exit code (0, 1 failed, 2 error, 3 not started).

    processes: the most to use.
    progress: shows live progress; lines on `stream` where it is None.

    Raises UserError where the run was cut short; finished slices are kept.
    """
    reporter = Reporter(stream, {})
    reporter.reports_abort = False
    if progress is not None:
        reporter.progress = progress
    config = {**doit_config(builds.runs[0].settings.cache_dir), "reporter": reporter, "outfile": stream}
    namespace: dict[str, object] = {**builds.namespace(), "DOIT_CONFIG": config}
    arguments = ["run", "-n", str(processes if processes > 1 else 0), *names]
    code = int(_Main(ModuleTaskLoader(namespace), config_filenames=()).run(arguments))
    if reporter.aborted:
        raise UserError(" ".join(reporter.aborted))
    return code
