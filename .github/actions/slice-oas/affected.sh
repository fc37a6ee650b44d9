#!/usr/bin/env bash
# Writes which endpoints changed since BASE into the step's summary, and their number and matrix into its outputs.
# ARGUMENTS: options of slice-oas. BASE: the revision that was asked for. EVENT_BASE: what the event names, where none was.
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
name=${base#origin/}
if [[ $base == -* || $name == -* || $name == *[:+]* ]]; then # an option, or a refspec, which would write a branch
  nothing "'$base' is no revision"
fi
if ! git cat-file -e "$base^{commit}" 2> /dev/null; then
  # actions/checkout fetches one commit of one branch. A clone that has all of its history keeps it.
  depth=()
  if [[ $(git rev-parse --is-shallow-repository) == true ]]; then
    depth=(--depth=1)
  fi
  git fetch --quiet --no-tags --no-recurse-submodules ${depth[@]+"${depth[@]}"} -- origin "$name" \
    || nothing "The revision $base cannot be fetched"
  base=$(git rev-parse FETCH_HEAD)
fi

matrix=$(slice-oas affected --base "$base" --output matrix --summary "$summary" ${arguments[@]+"${arguments[@]}"})
affected=$(python -I -c 'import json, sys; print(len(json.load(sys.stdin)["include"]))' <<< "$matrix")
printf 'affected=%s\nmatrix=%s\n' "${affected%$'\r'}" "${matrix%$'\r'}" >> "$outputs" # lines of Windows end in both
