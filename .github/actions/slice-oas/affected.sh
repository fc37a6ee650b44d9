#!/usr/bin/env bash
# Writes which endpoints changed since BASE into the step's summary, and their number and matrix into its outputs.
# ARGUMENTS: options of slice-oas, separated by blanks.
set -euo pipefail

read -r -a arguments <<< "${ARGUMENTS:-}"
summary=${GITHUB_STEP_SUMMARY:-/dev/null}
outputs=${GITHUB_OUTPUT:-/dev/stdout}

nothing() { # nothing to compare with is no fault
  echo "$1"
  printf 'affected=0\nmatrix={"include":[]}\n' >> "$outputs"
  exit 0
}

if [[ -z ${BASE:-} || $BASE =~ ^0+$ ]]; then
  nothing "There is no revision to compare with."
fi
if ! git cat-file -e "$BASE^{commit}" 2> /dev/null; then
  # actions/checkout fetches one commit only.
  git fetch --quiet --no-tags --depth=1 origin "$BASE" || nothing "The revision $BASE cannot be fetched."
fi

matrix=$(slice-oas affected --base "$BASE" --output matrix --summary "$summary" ${arguments[@]+"${arguments[@]}"})
affected=$(python -c 'import json, sys; print(len(json.load(sys.stdin)["include"]))' <<< "$matrix")
printf 'affected=%s\nmatrix=%s\n' "$affected" "$matrix" >> "$outputs"
