"""The yardstick of a run with nothing to do: plain doit over as many trivial tasks, one target and one
`config_changed` each."""

import os
from collections.abc import Iterator
from pathlib import Path

from doit.tools import config_changed

DOIT_CONFIG = {"backend": "json", "dep_file": "doit.json", "verbosity": 0}


def write(target: str) -> None:
    Path(target).write_text("x")


def task_trivial() -> Iterator[dict[str, object]]:
    Path("targets").mkdir(exist_ok=True)
    for number in range(int(os.environ["TASKS"])):
        target = f"targets/{number}.yaml"
        yield {
            "name": f"GET /trivial/{number}",
            "actions": [(write, [target])],
            "targets": [target],
            "uptodate": [config_changed(str(number))],
        }
