#!/usr/bin/env bash
# Installs what INSTALL names; "action" is the version that this action is of, which it stands in.
set -euo pipefail

what=${INSTALL:-action}
if [[ $what == action ]]; then
  what="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
fi
# -P: without, modules of the checked-out repository would be imported in place of pip's own.
python -P -m pip install --quiet --disable-pip-version-check -- "$what"
