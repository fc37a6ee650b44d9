"""`slice-oas check`: what is not as the document gives it is named, nothing is written, and no state is needed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done, Repository

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    get: {operationId: listAnimals, responses: {'200': {description: ok}}}
    post: {operationId: addAnimal, responses: {'201': {description: made}}}
  /keepers:
    get: {operationId: listKeepers, responses: {'200': {description: ok}}}
"""
FAULTY = DOCUMENT + "  /broken:\n    get: {responses: {'200': {$ref: '#/components/responses/Nope'}}}\n"


@pytest.fixture
def zoo(repository: Repository) -> Repository:
    repository.write("api.yaml", DOCUMENT)
    repository.configure(spec="api.yaml")
    assert repository.slice_oas("--batch").code == 0
    return repository


def check(zoo: Repository) -> Done:
    """Check, and assert that nothing was written."""

    def everything() -> dict[Path, tuple[int, bytes]]:
        files = (file for file in zoo.folder.rglob("*") if file.is_file())
        return {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}

    before = everything()
    done = zoo.slice_oas("check", "--json")
    assert everything() == before
    assert done.err == "", done.err
    return done


def findings(zoo: Repository, code: int = 3) -> list[tuple[str, str]]:
    """Return the kind and the file of everything that is found."""
    done = check(zoo)
    assert done.code == code, done.text
    (document,) = json.loads(done.out)
    assert document["up_to_date"] == (not document["findings"])
    return [(each["kind"], each["file"]) for each in document["findings"]]


def forget(zoo: Repository) -> None:
    """Lose all state, as a fresh clone has."""
    shutil.rmtree(zoo.folder / ".oas_tasks")


@pytest.fixture(params=["with state", "without state"])
def lose(request: pytest.FixtureRequest) -> Callable[[Repository], None]:
    return forget if request.param == "without state" else lambda zoo: None


def test_what_is_up_to_date_passes(zoo: Repository, lose: Callable[[Repository], None]) -> None:
    lose(zoo)
    assert findings(zoo, 0) == []
    done = zoo.slice_oas("check")
    assert (done.code, done.out) == (0, "3 endpoints, all up to date in slices\n")
    assert (zoo.folder / ".oas_tasks").exists() == (lose is not forget)


def test_a_slice_of_an_earlier_document_is_stale(zoo: Repository, lose: Callable[[Repository], None]) -> None:
    zoo.write("api.yaml", DOCUMENT.replace("made", "added"))
    lose(zoo)
    assert findings(zoo) == [("stale", "slices/animals_POST.yaml")]
    done = zoo.slice_oas("check")
    assert done.out.splitlines() == [
        "stale    POST /animals: slices/animals_POST.yaml",
        "3 endpoints; 1 stale",
        "Run the build (slice-oas --batch, or doit) to bring them up to date.",
    ]


def test_a_slice_that_is_not_there_is_missing(zoo: Repository, lose: Callable[[Repository], None]) -> None:
    (zoo.slices / "keepers_GET.yaml").unlink()
    lose(zoo)
    assert findings(zoo) == [("missing", "slices/keepers_GET.yaml")]


def test_a_slice_that_somebody_edited_is_edited_as_far_as_can_be_told(zoo: Repository) -> None:
    file = zoo.slices / "keepers_GET.yaml"
    zoo.write("slices/keepers_GET.yaml", b"#" + file.read_bytes())
    assert findings(zoo) == [("edited", "slices/keepers_GET.yaml")]
    forget(zoo)
    assert findings(zoo) == [("stale", "slices/keepers_GET.yaml")]


def test_line_ends_that_git_converted_are_told_as_such(zoo: Repository, lose: Callable[[Repository], None]) -> None:
    for file in zoo.slices.iterdir():
        content = file.read_bytes()
        file.write_bytes(content.replace(b"\r\n", b"\n") if b"\r\n" in content else content.replace(b"\n", b"\r\n"))
    lose(zoo)
    done = zoo.slice_oas("check")
    assert done.code == 3
    assert "GET /keepers: slices/keepers_GET.yaml (only its line ends differ)\n" in done.out
    assert done.out.endswith("'slices/** -text' in .gitattributes keeps them as they are.\n")
    good = zoo.files()["keepers_GET.yaml"].replace(b"\r\n", b"\n")
    assert zoo.slice_oas("--batch").code == 0
    assert zoo.files()["keepers_GET.yaml"] == good
    index = zoo.slices / "index.csv"
    index.write_bytes(index.read_bytes().replace(b"\r\n", b"\n"))
    assert "index    slices/index.csv (only its line ends differ)\n" in zoo.slice_oas("check").out


def test_a_slice_of_no_endpoint_is_foreign_and_other_files_are_nobodys_business(
    zoo: Repository, lose: Callable[[Repository], None]
) -> None:
    good = (zoo.slices / "keepers_GET.yaml").read_bytes()
    zoo.write("slices/wardens_GET.yaml", good.replace(b"/keepers", b"/wardens"))
    zoo.write("slices/renamed_GET.yaml", good)
    zoo.write("slices/notes_GET.yaml", "mine: true\n")
    zoo.write("slices/README.md", "mine")
    zoo.write("slices/more/keepers_GET.yaml", good)
    lose(zoo)
    assert findings(zoo) == [("foreign", "slices/wardens_GET.yaml")]
    assert "delete others" in zoo.slice_oas("check").out


def test_the_slice_of_an_endpoint_that_is_gone_is_foreign_until_it_is_built(
    zoo: Repository, lose: Callable[[Repository], None]
) -> None:
    zoo.write("api.yaml", DOCUMENT[: DOCUMENT.index("  /keepers")])
    lose(zoo)
    assert findings(zoo) == [("foreign", "slices/keepers_GET.yaml"), ("index", "slices/index.csv")]
    assert zoo.slice_oas("--batch").code == 0
    assert findings(zoo, 0) == []


def test_an_endpoint_with_a_fault_has_no_slice_and_is_told_of(
    zoo: Repository, lose: Callable[[Repository], None]
) -> None:
    zoo.write("api.yaml", FAULTY)
    assert zoo.slice_oas("--batch").code == 1
    lose(zoo)
    assert findings(zoo, 1) == []
    done = zoo.slice_oas("check")
    assert done.code == 1
    assert "  api.yaml:10:37  '#/components/responses/Nope' is referenced" in done.out
    assert "all up to date in slices, 1 failed" in done.out


def test_an_old_slice_of_an_endpoint_that_has_a_fault_now_is_stale(
    zoo: Repository, lose: Callable[[Repository], None]
) -> None:
    zoo.write("api.yaml", DOCUMENT.replace("{description: made}", "{$ref: '#/components/responses/Nope'}"))
    lose(zoo)
    assert findings(zoo) == [("stale", "slices/animals_POST.yaml"), ("index", "slices/index.csv")]


@pytest.mark.parametrize(
    ("old", "new"),
    [("listKeepers", "allKeepers"), ("PASS", "FAIL"), (",200,", ",201,"), ("keepers_GET.yaml", "keeper_GET.yaml")],
)
def test_rows_of_the_index_are_compared(
    zoo: Repository, lose: Callable[[Repository], None], old: str, new: str
) -> None:
    text = (zoo.slices / "index.csv").read_bytes().decode()
    zoo.write("slices/index.csv", text.replace(old, new))
    lose(zoo)
    assert {file for _, file in findings(zoo)} == {"slices/index.csv"}
    assert zoo.slice_oas("--batch").code == 0
    assert findings(zoo, 0) == []


def test_when_a_slice_was_made_is_told_by_the_index(zoo: Repository, lose: Callable[[Repository], None]) -> None:
    text = (zoo.slices / "index.csv").read_bytes().decode()
    row = zoo.rows()[0]
    lose(zoo)
    zoo.write("slices/index.csv", text.replace(row["created_at"], "2001-01-01T00:00:00Z"))
    assert findings(zoo, 0) == []
    zoo.write("slices/index.csv", text.replace(row["created_at"], "yesterday"))
    assert findings(zoo) == [("index", "slices/index.csv")] * 3


def test_an_index_that_is_missing_or_out_of_order_is_found(zoo: Repository, lose: Callable[[Repository], None]) -> None:
    header, *rows = (zoo.slices / "index.csv").read_bytes().splitlines(keepends=True)
    zoo.write("slices/index.csv", header + b"".join(reversed(rows)))
    lose(zoo)
    assert findings(zoo) == [("index", "slices/index.csv")]
    (zoo.slices / "index.csv").unlink()
    assert findings(zoo) == [("missing", "slices/index.csv")]
    assert zoo.slice_oas("check", "--no-csv").code == 0


def test_nothing_built_yet_is_all_missing(zoo: Repository, lose: Callable[[Repository], None]) -> None:
    shutil.rmtree(zoo.slices)
    lose(zoo)
    assert [kind for kind, _ in findings(zoo)] == ["missing"] * 4
    assert not zoo.slices.exists()


def test_with_a_cache_that_is_trusted_nothing_is_parsed(zoo: Repository) -> None:
    file = zoo.slices / "keepers_GET.yaml"
    file.touch()  # another time and the same content
    done = zoo.run("oas_tasks", "check", "--trust-cache", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.code == 0
    assert "oas_tasks.queries.check" in done.err
    for module in ("oas_tasks.formats", "oas_tasks.document.document", "doit.cmd_base", "jsonschema_rs"):
        assert f" {module}\n" not in done.err


def test_a_document_that_cannot_be_read_is_a_wrong_request(zoo: Repository) -> None:
    zoo.write("api.yaml", "[")
    done = zoo.slice_oas("check")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("slice-oas: api.yaml:1")


@pytest.mark.parametrize("arguments", [("check",), ("check", "--json"), ("--dry-run", "--batch")])
def test_as_many_processes_as_are_wanted_find_the_same(zoo: Repository, arguments: tuple[str, ...]) -> None:
    paths = "".join(f"  /p{n}:\n    get: {{responses: {{'200': {{description: ok}}}}}}\n" for n in range(150))
    zoo.write("api.yaml", FAULTY + paths)
    assert zoo.slice_oas("--batch").code == 1
    for name, content in (("p3", b""), ("p90", b"mine"), ("p140", b"mine\r\n")):
        zoo.write(f"slices/{name}_GET.yaml", content)
    (zoo.slices / "p70_GET.yaml").unlink()
    forget(zoo)
    found = [zoo.slice_oas(*arguments, "--concurrency", str(number)) for number in (1, 3)]
    assert found[0] == found[1]
    assert found[0].code == (1 if "--batch" in arguments else 3)
    assert found[0].out.count("p70_GET.yaml") == 1
    assert found[0].err == ""
    assert ("3 stale, 1 missing, 1 failed" in found[0].out) == (arguments == ("check",))


def test_every_document_is_checked(zoo: Repository) -> None:
    zoo.write(
        "pyproject.toml",
        "[[tool.oas_tasks.specs]]\nname = 'one'\nspec = 'api.yaml'\noutput_dir = 'slices'\n"
        "[[tool.oas_tasks.specs]]\nname = 'two'\nspec = 'api.yaml'\noutput_dir = 'more'\n",
    )
    done = zoo.slice_oas("check")
    assert done.code == 3
    assert "one: 3 endpoints, all up to date in slices\n" in done.out
    assert "two: 3 endpoints; 4 missing\n" in done.out
