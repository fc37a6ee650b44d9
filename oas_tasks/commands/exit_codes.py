"""The exit codes of `slice-oas`."""

from __future__ import annotations

#: ALL_BUILT is also the success of commands that do not build; STALE belongs to `check` and `affected --exit-code`.
ALL_BUILT, SOME_FAILED, WRONG_REQUEST, STALE, INTERRUPTED = 0, 1, 2, 3, 130
