"""The README's example for programs: it type-checks strictly, as those in docs/library.md do, and runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.docs.pages import DOCS, blocks

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def example(tmp_path: Path) -> Path:
    (text,) = re.findall(
        r"## From Python\n\n```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S
    )
    file = tmp_path / "example.py"
    file.write_text(text, encoding="utf-8")
    return file


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False)


def test_it_type_checks_strictly(example: Path) -> None:
    """In a folder of its own, with the package as it is installed; what has other types is found."""
    wrong = example.read_text().replace('"/books/*"', "5").replace("result.extracted_count", "result.extracted")
    example.with_name("wrong.py").write_text(wrong)
    command = ("-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache"))
    names = ["example.py"]
    for block in blocks(DOCS / "library.md"):
        if block.language == "python" and block.file is None:
            names.append(f"library{block.line}.py")
            example.with_name(names[-1]).write_text(block.text)
    assert len(names) > 4
    done = run(*command, *names, folder=example.parent)
    assert done.returncode == 0, done.stdout
    done = run(*command, "wrong.py", folder=example.parent)
    assert "[arg-type]" in done.stdout
    assert "[attr-defined]" in done.stdout


def test_it_runs(example: Path) -> None:
    example.with_name("openapi.yaml").write_bytes(SAMPLE.read_bytes())
    done = run("example.py", folder=example.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"(\d/\d [A-Z]+ /books\S*\n){5}5 of 5 endpoints are in books\n", done.stdout), done.stdout
    example.with_name("openapi.yaml").unlink()
    done = run("example.py", folder=example.parent)
    assert (done.returncode, done.stderr) == (1, "openapi.yaml: there is no such file\n")
