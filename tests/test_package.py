"""The published package: a wheel and an sdist with the right content, which install and slice the sample."""

from __future__ import annotations

import email
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import oas_tasks

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGE = {
    file.relative_to(ROOT).as_posix()
    for file in (ROOT / "oas_tasks").rglob("*")
    if file.is_file() and "__pycache__" not in file.parts
}


def run(*command: object, folder: Path = ROOT) -> str:
    done = subprocess.run([str(each) for each in command], cwd=folder, capture_output=True, text=True)
    if "No matching distribution found" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment(folder: Path) -> Path:
    """Return the folder of the programs in a new virtual environment."""
    venv.create(folder, with_pip=True)
    return folder / ("Scripts" if sys.platform == "win32" else "bin")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the files of a wheel and of an sdist, built in an environment of their own."""
    folder = tmp_path_factory.mktemp("dist")
    programs = environment(folder / "builder")
    run(programs / "python", "-m", "pip", "install", "--quiet", "hatchling>=1.27")
    run(programs / "python", "-m", "hatchling", "build", "-d", folder / "made")
    (wheel,) = (folder / "made").glob("*.whl")
    (sdist,) = (folder / "made").glob("*.tar.gz")
    return {"wheel": wheel, "sdist": sdist}


def test_the_version_and_the_accompanying_files_are_in_order() -> None:
    assert PROJECT["version"] == oas_tasks.__version__
    assert "MIT License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as archive:
        names = set(archive.namelist())
        folder = f"oas_tasks-{oas_tasks.__version__}.dist-info"
        about = {name for name in names if name.startswith(f"{folder}/")}
        assert names - about == PACKAGE
        assert "oas_tasks/py.typed" in names
        assert {f"{folder}/licenses/LICENSE", f"{folder}/entry_points.txt"} <= about
        metadata = email.message_from_bytes(archive.read(f"{folder}/METADATA"))
    assert metadata["Name"] == "oas-tasks"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Author"] == "oas-tasks contributors"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert str(metadata.get_payload()).startswith("# oas-tasks\n")
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert set(metadata["Keywords"].split(",")) >= {"openapi", "doit"}


@pytest.mark.slow
def test_the_sdist_holds_the_package_its_tests_and_the_accompanying_files(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    accompanying = {"LICENSE", "README.md", "CHANGELOG.md", "ARCHITECTURE.md", "pyproject.toml", "dodo.py"}
    assert names >= PACKAGE | accompanying | {".pre-commit-hooks.yaml", "tests/conftest.py", ".github/SECURITY.md"}
    assert names >= {"docs/README.md", "docs/settings.md", "docs/terminal.svg"}
    assert not [name for name in names if "__pycache__" in name or name.startswith(("slices/", ".oas_tasks/"))]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_it_installs_and_slices_the_sample(built: dict[str, Path], kind: str, tmp_path: Path) -> None:
    programs = environment(tmp_path / "fresh")
    run(programs / "python", "-m", "pip", "install", "--quiet", built[kind])
    found = run(programs / "python", "-I", "-c", "import oas_tasks; print(oas_tasks.__file__)", folder=tmp_path)
    sample = Path(found.strip()).with_name("sample") / "library.yaml"
    assert sample.is_relative_to(tmp_path)
    (tmp_path / "api.yaml").write_bytes(sample.read_bytes())
    out = run(programs / "slice-oas", "--batch", "--input", "api.yaml", "--output-dir", "slices", folder=tmp_path)
    assert "0 failed; 100.0% passed" in out
    assert (tmp_path / "slices" / "index.csv").is_file()
    run(programs / "slice-oas", "check", "--input", "api.yaml", "--output-dir", "slices", folder=tmp_path)
