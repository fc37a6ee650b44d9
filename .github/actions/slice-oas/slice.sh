#!/usr/bin/env bash
# Slices, and looks whether that changed anything that is committed.
# ARGUMENTS: options of slice-oas, separated by blanks. STALE: fail, commit or ignore. COMMIT_MESSAGE: of that commit.
set -euo pipefail

read -r -a arguments <<< "${ARGUMENTS:-}"
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

folders=()
while IFS= read -r folder; do
  folders+=("${folder%$'\r'}")
done < <(slice-oas check --json ${arguments[@]+"${arguments[@]}"} \
  | python -c 'import json, sys; [print(each["output_dir"]) for each in json.load(sys.stdin)]')
changed=$(git status --porcelain --untracked-files=all -- "${folders[@]}")

if [[ -z $changed ]]; then
  echo "stale=false" >> "$outputs"
  exit "$code"
fi
echo "stale=true" >> "$outputs"
echo "$changed"
count=$(wc -l <<< "$changed" | tr -d ' ')
case $stale in
  fail)
    echo "::error::$count committed slices are not what the document gives: run 'slice-oas --batch' and commit them"
    exit 3
    ;;
  commit)
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
    ;;
esac
exit "$code"
