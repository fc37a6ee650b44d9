"""`doit -n` and its worker processes: nobody waits for somebody who is gone, however processes are started."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import DODO, PATIENCE, Repository

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")

ENDPOINTS = 60
METHODS = multiprocessing.get_all_start_methods()

#: A repository's own task, that doit comes to once the first slices are made.
OWN_TASK = """
import multiprocessing, os, signal, time

def act():
    {action}

def task_own():
    return {{"actions": [act], "task_dep": ["slice:GET /p9"], "verbosity": 0}}

multiprocessing.set_start_method("{method}", force=True)  # force, since workers read this file again
"""


def dodo(method: str, action: str = "pass") -> str:
    return OWN_TASK.format(method=method, action=action) + DODO


@pytest.fixture
def many(repository: Repository) -> Repository:
    lines = ["openapi: 3.0.3", "info: {title: Many, version: '1'}", "paths:"]
    lines += [f"  /p{n}: {{get: {{responses: {{'200': {{description: ok}}}}}}}}" for n in range(ENDPOINTS)]
    repository.write("api.yaml", "\n".join(lines) + "\n")
    repository.configure(spec="api.yaml")
    return repository


@pytest.mark.parametrize("method", METHODS)
def test_a_task_that_kills_its_process_fails_and_all_others_are_done(many: Repository, method: str) -> None:
    many.write("dodo.py", dodo(method, "os.kill(os.getpid(), signal.SIGKILL)"))
    done = many.doit("-n", "2")
    assert done.code == 2, done.text
    assert "the process that was running it was killed by signal 9" in done.out
    assert "Traceback" not in done.text
    assert len(many.files()) == ENDPOINTS
    assert [row["validation_status"] for row in many.rows()] == ["PASS"] * ENDPOINTS


#: Each way to start processes, each with one of the signals.
PAIRS = [
    pytest.param(method, sent, id=f"{method}-{sent.name}", marks=[] if (n + m) % 2 == 0 else pytest.mark.slow)
    for n, method in enumerate(METHODS)
    for m, sent in enumerate((signal.SIGTERM, signal.SIGKILL))
]


@pytest.mark.parametrize(("method", "sent"), PAIRS)
def test_workers_end_when_their_main_process_is_killed(many: Repository, method: str, sent: signal.Signals) -> None:
    many.write("dodo.py", dodo(method, f"time.sleep({2 * PATIENCE})"))
    process = subprocess.Popen(
        [sys.executable, "-m", "doit", "-n", "3"], cwd=many.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    deadline = time.monotonic() + PATIENCE
    while not (many.slices / f"p{ENDPOINTS - 1}_GET.yaml").exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(sent)
    process.communicate(timeout=PATIENCE)  # whoever still has the other end of the pipe is still there
    assert process.returncode == -sent
    kept = {name: time for name, time in many.times().items() if name.endswith(".yaml")}
    many.write("dodo.py", dodo(method))
    again = many.doit("-n", "3")
    assert again.code == 0, again.text
    assert f"{ENDPOINTS - len(kept)} made, {len(kept)} unchanged, 0 removed, 0 failed; 100.0% passed" in again.out
    assert {name: many.times()[name] for name in kept} == kept
    assert len(many.rows()) == ENDPOINTS
