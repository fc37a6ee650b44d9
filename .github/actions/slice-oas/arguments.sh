# shellcheck shell=bash
# For the other scripts: sets the array `arguments` from ARGUMENTS, words of a shell on one line or several, in quotes
# where they hold blanks. Nothing in them is expanded or run.
#
# The checked-out repository may be anybody's. Python runs with -I or -P, and what it starts as well, since modules of
# the repository would come first otherwise; and git takes no folder of it for a repository of its own, whose settings
# could name programs.
export PYTHONSAFEPATH=1
export GIT_CONFIG_COUNT=2
export GIT_CONFIG_KEY_0=safe.bareRepository GIT_CONFIG_VALUE_0=explicit
export GIT_CONFIG_KEY_1=core.fsmonitor GIT_CONFIG_VALUE_1=false

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
