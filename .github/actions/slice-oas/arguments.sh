# shellcheck shell=bash
# For the other scripts: sets the array `arguments` from ARGUMENTS, words of a shell on one line or several, in quotes
# where they hold blanks. Nothing in them is expanded or run.
#
# Everywhere in the action Python runs with -I or -P: without, modules of the checked-out repository would come first.

# Makes an annotation (error, notice, warning) of a text, in which nothing can begin a command of its own, as the
# runner wants it: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
annotate() { # annotate KIND TEXT
  local text=$2
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  text=${text//$'\n'/%0A}
  printf '::%s::%s\n' "$1" "$text"
}

# Prints lines of git, which has quoted the names in them; the runner looks for `##[` within a line, too.
show() {
  local line
  for line in "$@"; do
    printf '%s\n' "${line//'##'/'#\043'}"
  done
}

words=$(mktemp)
python -I - > "$words" << 'PYTHON' || exit 2
import os, shlex, sys

try:
    found = shlex.split(os.environ.get("ARGUMENTS", ""))
except ValueError as error:
    sys.exit(f"::error::the input 'arguments' cannot be read: {error}")
sys.stdout.buffer.write(b"".join(word.encode() + b"\0" for word in found))
PYTHON
arguments=()
while IFS= read -r -d '' word; do
  arguments+=("$word")
done < "$words"
rm -f "$words"
