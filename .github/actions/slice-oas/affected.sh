#!/usr/bin/env bash
# Writes which endpoints changed since BASE into the step's summary, and their number and matrix into its outputs.
# ARGUMENTS: options of slice-oas. BASE: the revision that was asked for. EVENT_BASE: what the event names, where none was.
# JOBS: how many jobs the matrix may have.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=arguments.sh
source "$(dirname "${BASH_SOURCE[0]}")/arguments.sh"
summary=${GITHUB_STEP_SUMMARY:-/dev/null}
outputs=${GITHUB_OUTPUT:-/dev/stdout}

nothing() { # nothing to compare with is no fault, unless somebody asked for it
  if [[ -n ${BASE:-} ]]; then
    annotate error "$1"
    exit 2
  fi
  annotate notice "$1, so that no endpoints are compared"
  printf 'affected=0\nmatrix={"include":[]}\n' >> "$outputs"
  exit 0
}

base=${BASE:-${EVENT_BASE:-}}
if [[ -z $base || $base =~ ^0+$ ]]; then
  nothing "There is no revision to compare with"
fi
if [[ $base == -* ]]; then # git would take it for an option
  nothing "'$base' is no revision"
fi
if ! git cat-file -e "$base^{commit}" 2> /dev/null; then
  name=${base#origin/}
  if ! git check-ref-format --allow-onelevel "$name" || [[ $name == -* ]]; then # a refspec, say, writes branches
    nothing "'$base' is no revision"
  fi
  # actions/checkout fetches one commit of one branch. A clone that has all of its history keeps it.
  depth=()
  if [[ $(git rev-parse --is-shallow-repository) == true ]]; then
    depth=(--depth=1)
  fi
  git fetch --quiet --no-tags --no-recurse-submodules ${depth[@]+"${depth[@]}"} -- origin "$name" 2> /dev/null \
    || nothing "The revision $base cannot be fetched"
  base=$(git rev-parse FETCH_HEAD)
fi

cache=$(mktemp -d) # a cache that was checked out could hide what changed
trap 'rm -rf "$cache"' EXIT
arguments+=(--cache-dir "$cache")
matrix=$(slice-oas affected --base "$base" --output matrix --jobs "${JOBS:-256}" --summary "$summary" "${arguments[@]}")
affected=$(python -I -c 'import json, sys; print(sum(len(job["files"]) + len(job["gone"]) for job in json.load(sys.stdin)["include"]))' <<< "$matrix")
printf 'affected=%s\nmatrix=%s\n' "${affected%$'\r'}" "${matrix%$'\r'}" >> "$outputs" # lines of Windows end in both
