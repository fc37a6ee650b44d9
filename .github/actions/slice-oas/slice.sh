#!/usr/bin/env bash
# Slices, and looks whether that changed anything that is committed, or left slices that are of no endpoint.
# ARGUMENTS: options of slice-oas. STALE: fail, commit or ignore. COMMIT_MESSAGE: of that commit.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=arguments.sh
source "$(dirname "${BASH_SOURCE[0]}")/arguments.sh"
outputs=${GITHUB_OUTPUT:-/dev/stdout}
stale=${STALE:-fail}
if [[ ! $stale =~ ^(fail|commit|ignore)$ ]]; then
  echo "::error::stale must be fail, commit or ignore, and it is '$stale'"
  exit 2
fi

code=0
slice-oas --batch ${arguments[@]+"${arguments[@]}"} || code=$?
if ((code > 1)); then # 1: some endpoints failed, and all others are there
  exit "$code"
fi

checked=0
found=$(slice-oas check --json ${arguments[@]+"${arguments[@]}"}) || checked=$?
if ((checked != 0 && checked != 1 && checked != 3)); then
  exit "$checked"
fi
# Names with zero bytes behind them, for they may hold anything else: output folders, a blank one, slices of no endpoint.
names=$(mktemp)
python -c '
import json, sys
documents = json.load(sys.stdin)
folders = [each["output_dir"] for each in documents]
foreign = [finding["file"] for each in documents for finding in each["findings"] if finding["kind"] == "foreign"]
sys.stdout.buffer.write(b"".join(name.encode() + b"\0" for name in (*folders, "", *foreign)))
' <<< "$found" > "$names"
git() { command git --literal-pathspecs "$@"; }
changed=''
foreign=''
folders=()
{
  while IFS= read -r -d '' folder && [[ -n $folder ]]; do
    lines=$(git status --porcelain --untracked-files=all -- "$folder")
    if [[ -n $lines ]]; then
      folders+=("$folder")
      changed+=${changed:+$'\n'}$lines
    fi
  done
  while IFS= read -r -d '' file; do
    if [[ -n $(git ls-files -- "$file") ]]; then
      foreign+=${foreign:+$'\n'}$file
    fi
  done
} < "$names"
rm -f "$names"

if [[ -z $changed && -z $foreign ]]; then
  echo "stale=false" >> "$outputs"
  exit "$code"
fi
echo "stale=true" >> "$outputs"
echo "$changed"
echo "$foreign"
if [[ $stale == commit && -n $changed ]]; then
  # A pull request is checked out as a merge commit of no branch, which is nothing to push.
  if ! branch=$(git symbolic-ref --quiet --short HEAD); then
    echo "::error::slices can be committed to a branch only: check it out with 'ref: \${{ github.head_ref }}'"
    exit 2
  fi
  git add --all -- "${folders[@]}"
  git -c user.name="${COMMITTER_NAME:-github-actions[bot]}" \
    -c user.email="${COMMITTER_EMAIL:-41898282+github-actions[bot]@users.noreply.github.com}" \
    commit --quiet --message "${COMMIT_MESSAGE:-Bring the slices of the OpenAPI document up to date}" -- "${folders[@]}"
  git push --quiet origin "HEAD:$branch"
  changed=''
fi
if [[ $stale == ignore || -z $changed$foreign ]]; then
  exit "$code"
fi
if [[ -n $changed ]]; then
  count=$(wc -l <<< "$changed" | tr -d ' ')
  echo "::error::$count committed slices are not what the document gives: run 'slice-oas --batch' and commit them"
fi
if [[ -n $foreign ]]; then # which are not for this tool to delete
  echo "::error::$(wc -l <<< "$foreign" | tr -d ' ') committed slices belong to no endpoint of the document: delete them"
fi
exit 3
