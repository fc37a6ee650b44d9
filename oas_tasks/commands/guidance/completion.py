"""`slice-oas completion`, and the answers to the scripts that it writes.

The scripts pass the command line up to the cursor, and get a line for each proposal: its kind, its text and what it
means, with tabs between them. Texts of documents are quoted as the shell needs it, so that none of them is run.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import NamedTuple

import click
from click.shell_completion import ShellComplete, split_arg_string

from oas_tasks.commands.command_line import OneOf, PlainCommand
from oas_tasks.commands.exit_codes import ALL_BUILT

#: The variable by which a script asks; its value is the shell. `cli.py` looks for it.
ASKED = "_SLICE_OAS_COMPLETE"

#: Stands for the cursor, so that one sees whether it is behind a word or in one.
_CURSOR = "\x01"

_BASH = """\
_slice_oas_completion() {
    local kind value rest
    COMPREPLY=()
    while IFS=$'\\t' read -r kind value rest; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            file) compopt -o default 2> /dev/null ;;
            dir) compopt -o dirnames 2> /dev/null ;;
        esac
    done < <(_SLICE_OAS_COMPLETE=bash _SLICE_OAS_LINE="${COMP_LINE:0:COMP_POINT}" \\
        _SLICE_OAS_BREAKS="$COMP_WORDBREAKS" "$1" 2> /dev/null)
}
complete -o nosort -F _slice_oas_completion slice-oas 2> /dev/null ||
    complete -F _slice_oas_completion slice-oas
"""

_ZSH = """\
#compdef slice-oas
_slice_oas_completion() {
    local kind value help
    local -a values shown
    if [[ $PREFIX == --*=* ]]; then
        compset -P 1 '*='
    fi
    while IFS=$'\\t' read -r kind value help; do
        case $kind in
            (plain) values+=("$value"); shown+=("$value${help:+  -- $help}") ;;
            (file) _files ;;
            (dir) _files -/ ;;
        esac
    done < <(_SLICE_OAS_COMPLETE=zsh _SLICE_OAS_LINE="${(j: :)words[1,CURRENT]}" "${words[1]}" 2> /dev/null)
    if (( $#values )); then
        compadd -l -d shown -a -- values
    fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _slice_oas_completion "$@"
else
    compdef _slice_oas_completion slice-oas
fi
"""

_FISH = """\
function __slice_oas_completion
    for line in (env _SLICE_OAS_COMPLETE=fish _SLICE_OAS_LINE=(commandline -cp | string collect) slice-oas 2> /dev/null)
        set -l parts (string split -m 2 \\t -- $line)
        switch $parts[1]
            case plain
                printf '%s\\t%s\\n' $parts[2] $parts[3]
            case file
                __fish_complete_path (commandline -ct)
            case dir
                __fish_complete_directories (commandline -ct)
        end
    end
end
complete --no-files --command slice-oas --arguments '(__slice_oas_completion)'
"""

SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


@click.command(cls=PlainCommand, words_help="Write bash, zsh or fish. 'slice-oas help completion' says more")
@click.argument("shell", type=OneOf(tuple(SCRIPTS)))
def command(shell: str) -> int:
    """Write the script of a shell. 'slice-oas help completion' says where to put it."""
    click.echo(SCRIPTS[shell], nl=False)
    return ALL_BUILT


class _Word(NamedTuple):
    """The word that the cursor is in, as it was typed.

    done: what the shell does not replace, such as `v1:` in bash, which takes a colon for the end of a word.
    quote: the quotation mark that is open, or "".
    """

    done: str
    quote: str


def answer(commands: click.Command, environment: Mapping[str, str]) -> int:
    """Write the proposals for the command line in an environment, and return the exit code."""
    shell, line = environment[ASKED], environment.get("_SLICE_OAS_LINE", "")
    words = split_arg_string(line + _CURSOR)
    if shell not in SCRIPTS or not words or not words[-1].endswith(_CURSOR):
        return ALL_BUILT
    incomplete = words[-1][: -len(_CURSOR)]
    found = ShellComplete(commands, {}, "slice-oas", ASKED).get_completions(words[1:-1], incomplete)
    option = incomplete.partition("=")[0] + "=" if incomplete.startswith("--") and "=" in incomplete else ""
    word = _typed(line, environment.get("_SLICE_OAS_BREAKS", "")) if shell == "bash" else _Word("", "")
    lines: list[str] = []
    for item in found:
        value: str | None = item.value
        if item.type == "plain" and shell != "zsh":
            value = f"{option}{item.value}" if shell == "fish" else _in_bash(f"{option}{item.value}", word)
        if value is not None and value.isprintable():
            lines.append("\t".join((item.type, value, _plain(item.help))))
    with_end = "".join(f"{each}\n" for each in lines)
    sys.stdout.buffer.write(with_end.encode("utf-8", "replace"))
    return ALL_BUILT


def _plain(text: str | None) -> str:
    """Return a help text without what a shell could take for something else."""
    return "".join(each for each in text or "" if each.isprintable())


def _typed(line: str, breaks: str) -> _Word:
    """Return what bash replaces of the last word of a line: it begins anew at each unquoted character of `breaks`."""
    start = done = 0
    quote, escaped = "", False
    for number, each in enumerate(line):
        if escaped:
            escaped = False
        elif each == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if each == quote else quote
        elif each in "'\"":
            quote, done = each, number + 1
        elif each in " \t\n":
            start = done = number + 1
        elif each in breaks:
            done = number + 1
    return _Word(line[start:done], quote)


#: The characters that mean nothing to bash, besides letters and digits.
_HARMLESS = frozenset("-_./:=@%+,{}")


def _in_bash(value: str, word: _Word) -> str | None:
    """Return a proposal as bash has to insert it, quoted; None where it cannot be."""
    before = (split_arg_string(word.done + _CURSOR) or [_CURSOR])[-1].rstrip(_CURSOR)
    if not value.startswith(before):
        return None
    rest = value[len(before) :]
    if word.quote == "'":
        return rest.replace("'", "'\\''")
    if word.quote:
        return rest if not any(each in '"$`\\!' for each in rest) else None
    harmless = _HARMLESS if not ("," in value or ".." in value) else _HARMLESS - {*"{}"}
    return "".join(each if each.isalnum() or each in harmless else f"\\{each}" for each in rest)
