"""`slice-oas init`: shows what a repository needs to build slices, and writes it after a yes."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from oas_tasks.amounts import counted
from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.document.foreign_documents import documents_in
from oas_tasks.errors import UserError, Where
from oas_tasks.printable import printable, printable_lines
from oas_tasks.queries.starter_files import StarterFile, StarterFiles, Wishes, configured, starter_files
from oas_tasks.settings import Settings

#: Where documents are looked for.
_FOLDERS = (".", "api", "apis", "openapi", "spec", "specs", "docs", "doc")

#: The colours of lines of a diff, by how they begin.
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def init(wishes: Wishes, is_agreed: bool, out: TextIO) -> int:
    """Show the files, and write them if the user says yes or `is_agreed`. Returns 0. Raises UserError."""
    asks = _can_ask(out) and not is_agreed
    if wishes.spec is None and configured() is None:
        wishes = replace(wishes, spec=_document(asks, out))
    found = starter_files(wishes)
    endpoints = sum(_endpoints(each) for each in found.settings)
    for each in found.files:
        _show(each, out)
    for note in found.notes:
        out.write(printable_lines(["", *note.splitlines()]))
    if not found.files:
        out.write(
            "Everything that can be written is here already.\n" if found.notes else "Everything is here already.\n"
        )
        return ALL_BUILT
    if not is_agreed and not (asks and _confirmed(found)):
        out.write("Nothing was written." + ("\n" if asks else " 'slice-oas init --yes' writes these files.\n"))
        return ALL_BUILT
    for each in found.files:
        _write(each)
    names = ", ".join(each.file.as_posix() for each in found.files)
    folders = ", ".join(dict.fromkeys(each.output_dir.as_posix() for each in found.settings))
    out.write(printable_lines([f"Written: {names}"]))
    out.write(printable_lines([f"Next: doit -n 4, which slices {counted(endpoints, 'endpoint')} into {folders}"]))
    return ALL_BUILT


def _can_ask(out: TextIO) -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and out.isatty()


def _document(asks: bool, out: TextIO) -> str:
    """Return the document that is here, or that the user names. Raises UserError."""
    found = list(dict.fromkeys(file.as_posix() for folder in _FOLDERS for file in documents_in(Path(folder))))
    if len(found) == 1:
        out.write(printable_lines([f"The document is {found[0]}"]))
        return found[0]
    if not asks:
        if found:
            message = f"there are several documents: {', '.join(found)}"
            raise UserError(message, None, "Say which with --input, as in: slice-oas init --input FILE")
        raise UserError("which document? None is in this folder", None, "Say --input FILE")
    out.write(printable_lines(f"  {each}" for each in found))
    return _asked(found[0] if found else "")


def _asked(default: str) -> str:
    import click

    try:
        while True:
            answer = str(click.prompt("Which OpenAPI document", default=default or None)).strip().strip("'\"")
            file = Path(os.path.expanduser(answer))  # noqa: PTH111  Path.expanduser raises where there is no such user
            if file.is_file():
                return str(file)
            click.echo(printable(f"{answer}: there is no such file"))
    except click.Abort:
        raise KeyboardInterrupt from None


def _endpoints(settings: Settings) -> int:
    """Return how many endpoints will have slices. Raises UserError where the document cannot be sliced."""
    from oas_tasks.queries.read_only_run import read_only_plan

    return len(read_only_plan(settings).endpoints)


def _confirmed(found: StarterFiles) -> bool:
    import click

    try:
        count = len(found.files)
        return click.confirm(f"\nWrite {'this file' if count == 1 else f'these {count} files'}?")
    except click.Abort:
        raise KeyboardInterrupt from None


def _show(each: StarterFile, out: TextIO) -> None:
    has_colours = out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    for line in diff_of(each):
        shown = printable(line)
        colour = _COLOURS.get(line[:1]) if has_colours else None
        if colour is not None:
            import click

            shown = click.style(shown, fg=colour)
        out.write(f"{shown}\n")


def diff_of(each: StarterFile) -> Iterator[str]:
    """Yield the lines of the difference that writing a file makes."""
    before = _lines(each.before or "")
    name = each.file.as_posix()
    yield from ("", f"{name} ({'new' if each.before is None else 'lines are added'}):")
    for line in difflib.unified_diff(before, _lines(each.after), n=2, lineterm=""):
        if not line.startswith(("---", "+++")):
            yield line


def _lines(text: str) -> Sequence[str]:
    return text.replace("\r\n", "\n").split("\n")[: None if not text.endswith("\n") else -1] if text else []


def _write(each: StarterFile) -> None:
    """Write a file with the rights that it had. Raises UserError where it changed meanwhile or cannot be written."""
    from oas_tasks.regular_files import read_regular
    from oas_tasks.state.output_folder import write_atomically

    try:
        now = read_regular(each.file, follow=False).decode("utf-8") if each.file.exists() else None
        if now != each.before:
            raise UserError(
                "changed meanwhile, and is left as it is", Where(str(each.file)), "Run slice-oas init again"
            )
        mode = None if now is None else each.file.stat().st_mode
        each.file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(each.file, each.after.encode("utf-8"))
        if mode is not None:
            each.file.chmod(mode)
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror or error}", Where(str(each.file))) from None
