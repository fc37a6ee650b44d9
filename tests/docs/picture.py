"""Records a run in a terminal and draws it as docs/terminal.svg, the picture in the README.

The commands are really run, in a terminal of 84 columns, on the sample; what stays on the screen is drawn.
`python -m tests.docs.generated` renews the picture, and a test compares it with another run, durations aside.
"""

from __future__ import annotations

import html
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import SAMPLE
from tests.docs.pages import DOCS

if TYPE_CHECKING:
    from rich.text import Text

PICTURE = DOCS / "terminal.svg"

#: Whether terminals can be recorded.
IS_POSSIBLE = sys.platform != "win32"

_WIDTH = 84
_PROMPT = "$ "

#: What is entered. The document is the sample; the edit is that of a component's description.
_COMMANDS = (
    "slice-oas openapi.yaml --batch",
    "sed -i 's/The number on the card/The number printed on it/' openapi.yaml",
    "slice-oas affected --input openapi.yaml",
    "slice-oas openapi.yaml --batch",
)

_DURATION = re.compile(r"[0-9]+(?:\.[0-9]+)? (?:s|ms|min)\b")

#: A window that loads nothing. Its colours are its own, so that it looks the same on a light page and on a dark one.
_FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{unique_id}-title">
<title id="{unique_id}-title">A run of slice-oas in a terminal</title>
<style>
.{unique_id}-matrix {{ font: {char_height}px Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; }}
{styles}
</style>
<defs>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def recorded(folder: Path) -> Text:
    """Return what a terminal shows after the commands, which run in an empty folder."""
    from rich.text import Text

    (folder / "openapi.yaml").write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    shown = Text()
    for number, command in enumerate(_COMMANDS):
        if number:
            shown.append("\n")
        shown.append(_PROMPT, "bold green").append(f"{command}\n", "bold")
        shown.append(_screen(_output(command, folder, number)))
    shown.rstrip()
    return shown


def _output(command: str, folder: Path, number: int) -> str:
    """Return what a command writes to a terminal. After the first one all is committed, so that there is a base."""
    import pexpect

    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {
        name: value for name, value in os.environ.items() if name not in ("CI", "GITHUB_ACTIONS", "NO_COLOR")
    }
    environment |= {"PATH": programs, "TERM": "xterm-256color", "PYTHONUTF8": "1"}
    if number == 1:
        command = _portable(command)
        identity = "-c user.name=A -c user.email=a@b.example"
        command = f"(git init -q && git add -A && git {identity} commit -qm 1) > /dev/null 2>&1; {command}"
    child = pexpect.spawn(
        "bash", ["-c", command], cwd=str(folder), env=environment, dimensions=(40, _WIDTH), encoding="utf-8", timeout=60
    )
    text: str = child.read()
    child.close()
    assert child.exitstatus == 0, text
    return text


def _portable(command: str) -> str:
    """Return the command as it works on macOS too, where `sed -i` wants an ending."""
    return command.replace("sed -i ", "sed -i.bak ")


def _screen(output: str) -> str:
    """Return what stays on the screen: the text that is not drawn over. Colours are not kept."""
    rows: list[list[str]] = [[]]
    row = column = 0
    for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|[\r\n])", output):
        control = re.fullmatch(r"\x1b\[([0-9;?]*)([A-Za-z])", part)
        if part == "\n":
            row += 1
            rows += [[] for _ in range(row + 1 - len(rows))]
        elif part == "\r":
            column = 0
        elif control and control[2] == "A":
            row = max(0, row - int(control[1] or 1))
        elif control and control[2] == "K":
            rows[row][0 if control[1] == "2" else column :] = []
        elif not control:
            rows[row] += " " * (column - len(rows[row]))
            rows[row][column : column + len(part)] = part
            column += len(part)
    return "\n".join("".join(each).rstrip() for each in rows)


def renew_picture() -> None:
    """Record the run and write the picture, unless it shows the same but for durations."""
    import tempfile

    from rich.console import Console

    with tempfile.TemporaryDirectory() as folder:
        shown = recorded(Path(folder))
    if PICTURE.exists() and without_durations(text_in(PICTURE)) == without_durations(shown.plain):
        return
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(file=nowhere, record=True, width=_WIDTH, force_terminal=True, color_system="truecolor")
        console.print(shown)
    svg = console.export_svg(title="slice-oas", code_format=_FORMAT, unique_id="terminal")
    PICTURE.write_text(re.sub(r"[ \t]+\n", "\n", svg), encoding="utf-8", newline="\n")


def text_in(file: Path) -> str:
    """Return the text of the picture, line by line."""
    svg = file.read_text(encoding="utf-8")
    matrix = svg[svg.index('-matrix">') :]
    rows: dict[float, list[tuple[float, str]]] = {}
    for x, y, text in re.findall(r'<text[^>]* x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', matrix):
        rows.setdefault(float(y), []).append((float(x), html.unescape(text).replace("\xa0", " ")))
    lines = ["".join(text for _, text in sorted(row)) for _, row in sorted(rows.items())]
    return "\n".join(line.rstrip() for line in lines)


def without_durations(text: str) -> str:
    """Return a text in which no time is told, without empty lines, which the picture does not hold as text."""
    return "\n".join(line.rstrip() for line in _DURATION.sub("T", text).splitlines() if line.strip())
