# shellcheck shell=bash
# For the other scripts: sets the array `arguments` from ARGUMENTS, words of a shell on one line or several, in quotes
# where they hold blanks. Nothing in them is expanded or run.

words=$(mktemp)
python - > "$words" << 'PYTHON'
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
