#!/usr/bin/env bash
# Installs what INSTALL names; "action" is the version that this action is of, which it stands in.
set -euo pipefail

what=${INSTALL:-action}
if [[ $what == action ]]; then
  what="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
fi
python -m pip install --quiet --disable-pip-version-check "$what"
