"""What cannot be read of what is remembered is worked out anew, by whatever asks for it."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

from oas_tasks.state.store import STORE_NAME
from tests.conftest import SAMPLE, Repository
from tests.planting import parted, planted

#: What becomes of the plan and what is kept beside it. The first leaves the output known as up to date, so that the
#: plan is read late.
DAMAGES = {
    "plan cut short": "UPDATE planned SET value = substr(value, 1, 40) WHERE what = 'endpoints'",
    "plan of another shape": "UPDATE planned SET value = replace(value, 'false]', 'false, 1]')",
    "no plan": "UPDATE planned SET value = NULL WHERE what = 'endpoints'",
    "files": "UPDATE plan SET files = '{'",
    "dependencies": "UPDATE planned SET value = '[[], []]' WHERE what = 'dependencies'",
    "digests": "UPDATE planned SET value = '[1' WHERE what = 'digests'",
    "members": "INSERT OR REPLACE INTO planned SELECT key, 'members', 'x', '' FROM plan",
    "stamp": "UPDATE stamp SET value = '7'",
    "intended": "UPDATE intended SET files = '[1]'",
    "whole": "UPDATE whole SET files = 'x'",
}
COMMANDS = [
    ("oas_tasks", "list"),
    ("oas_tasks", "check"),
    ("oas_tasks", "why", "GET /books"),
    ("oas_tasks", "impact", "schemas/Book"),
    ("oas_tasks", "--dry-run"),
    ("oas_tasks", "--batch"),
    ("doit", "list", "--all"),
    ("doit", "slice"),
    ("doit", "info", "slice:GET /books"),
    ("doit",),
    ("doit", "clean", "slice"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that was found up to date, and remembers that, and whose times are settled."""
    made = Repository(tmp_path_factory.mktemp("library"))
    made.write("dodo.py", "from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice\n")
    made.configure(spec=SAMPLE)
    assert made.doit().code == 0
    assert made.doit().code == 0
    shutil.copytree(made.folder / ".oas_tasks", made.folder / "good")
    shutil.copytree(made.slices, made.folder / "good-slices")
    return made


@pytest.mark.parametrize("damage", DAMAGES)
def test_everything_goes_on_as_if_nothing_had_been_damaged(library: Repository, damage: str) -> None:
    commands = COMMANDS if damage.startswith(("plan cut", "dependencies")) else COMMANDS[2::4]
    if damage in ("stamp", "intended", "whole"):  # with which all else is forgotten, such as when a slice was made
        commands = COMMANDS[1::4]
    for number, command in enumerate(commands):
        good, broken = (_ran(library, command, each, number % 2 == 0) for each in (None, DAMAGES[damage]))
        if broken[:-1] != good[:-1]:  # then as where there is no cache
            assert broken[:-1] == _ran(library, command, "", False)[:-1], command
        assert len(broken[-1]) <= 1, broken
        assert good[-1] == [], good


def _ran(
    library: Repository, command: tuple[str, ...], statement: str | None, is_planted: bool
) -> tuple[int, str, str, list[str], list[str]]:
    """Return code, output, errors, files and notes of a command over a cache that something was done to."""
    for name, kept in ((".oas_tasks", "good"), ("slices", "good-slices")):
        shutil.rmtree(library.folder / name, ignore_errors=True)
        shutil.copytree(library.folder / kept, library.folder / name)
    cache = library.folder / ".oas_tasks"
    if statement == "":
        shutil.rmtree(cache)
    elif statement is not None:
        with planted(cache) if is_planted else sqlite3.connect(cache / STORE_NAME) as connection:
            assert connection.execute(statement).rowcount
        connection.close()
    done = library.run(*command)
    shown = [line.partition(" passed (")[0] for line in done.out.splitlines() if not line.startswith("Extracting")]
    notes, errors = parted(done)
    return done.code, "\n".join(shown), "\n".join(errors), sorted(library.files()), notes


def test_a_plan_of_another_shape_is_another_plan(library: Repository) -> None:
    """Whoever adds a column to the index, or a cell to the plan, need not count up a version for it."""
    column = (
        "from oas_tasks.state import index_csv\n"
        "index_csv.COLUMNS['colour'] = lambda endpoint, record, family: 'red'\n"
        "from oas_tasks import DOIT_CONFIG, task_index, task_prune, task_slice\n"
    )
    folder = library.folder.parent / "column"
    shutil.copytree(library.folder, folder)
    other = Repository(folder)
    other.write("dodo.py", column)
    assert other.run_cold("doit").code == 0  # where the column is there from the start
    assert {row["colour"] for row in other.rows()} == {"red"}
