#!/usr/bin/env bash
# Slices, and looks whether that changed anything that is committed, or left slices that are of no endpoint.
# ARGUMENTS: options of slice-oas. STALE: fail, commit or ignore. COMMIT_MESSAGE: of that commit.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=arguments.sh
source "$(dirname "${BASH_SOURCE[0]}")/arguments.sh"
outputs=${GITHUB_OUTPUT:-/dev/stdout}
stale=${STALE:-fail}
if [[ ! $stale =~ ^(fail|commit|ignore)$ ]]; then
  annotate error "stale must be fail, commit or ignore, and it is '$stale'"
  exit 2
fi

# The build believes no cache that was restored or checked out: it makes every slice and compares. What it then remembers
# is true, so that the check afterwards has little to do.
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
arguments+=(--cache-dir "$cache")

code=0
slice-oas --batch "${arguments[@]}" || code=$?
if ((code > 1)); then # 1: some endpoints failed, and all others are there
  exit "$code"
fi

checked=0
found=$(slice-oas check --json --trust-cache "${arguments[@]}") || checked=$?
if ((checked != 0 && checked != 1 && checked != 3)); then
  exit "$checked"
fi
# Names with zero bytes behind them, for they may hold anything else: output folders, a blank one, slices of no endpoint.
names=$(mktemp)
python -I -c '
import json, sys
documents = json.load(sys.stdin)
folders = [each["output_dir"] for each in documents]
foreign = [finding["file"] for each in documents for finding in each["findings"] if finding["kind"] == "foreign"]
sys.stdout.buffer.write(b"".join(name.encode(errors="surrogateescape") + b"\0" for name in (*folders, "", *foreign)))
' <<< "$found" > "$names"
git() { command git --literal-pathspecs -c core.quotePath=true "$@"; }
changed=()
foreign=()
folders=()
{
  while IFS= read -r -d '' folder && [[ -n $folder ]]; do
    before=${#changed[@]}
    while IFS= read -r line; do
      changed+=("$line")
    done < <(git status --porcelain --no-renames --untracked-files=all -- "$folder")
    if ((${#changed[@]} > before)); then
      folders+=("$folder")
    fi
  done
  while IFS= read -r -d '' file; do
    line=$(git ls-files -- "$file")
    if [[ -n $line ]]; then
      foreign+=("foreign $line")
    fi
  done
} < "$names"
rm -f "$names"

if ((${#changed[@]} + ${#foreign[@]} == 0)); then
  echo "stale=false" >> "$outputs"
  exit "$code"
fi
echo "stale=true" >> "$outputs"
show ${changed[@]+"${changed[@]}"} ${foreign[@]+"${foreign[@]}"}
if [[ $stale == commit ]] && ((${#changed[@]} > 0)); then
  # A pull request is checked out as a merge commit of no branch, which is nothing to push.
  if ! branch=$(git symbolic-ref --quiet HEAD); then
    annotate error "slices can be committed to a branch only: check it out with 'ref: \${{ github.head_ref }}'"
    exit 2
  fi
  git add --all -- "${folders[@]}"
  git -c user.name="${COMMITTER_NAME:-github-actions[bot]}" \
    -c user.email="${COMMITTER_EMAIL:-41898282+github-actions[bot]@users.noreply.github.com}" \
    commit --quiet --message "${COMMIT_MESSAGE:-Bring the slices of the OpenAPI document up to date}" -- "${folders[@]}"
  git push --quiet origin "HEAD:$branch"
  changed=()
fi
if [[ $stale == ignore ]] || ((${#changed[@]} + ${#foreign[@]} == 0)); then
  exit "$code"
fi
if ((${#changed[@]} > 0)); then
  annotate error "${#changed[@]} committed slices are not what the document gives: run 'slice-oas --batch' and commit them"
fi
if ((${#foreign[@]} > 0)); then # which are not for this tool to delete
  annotate error "${#foreign[@]} committed slices belong to no endpoint of the document: delete them"
fi
exit 3
