"""The exit codes of `slice-oas`."""

from __future__ import annotations

#: ALL_BUILT is also what a command returns that only tells something; STALE is `check`'s, and `affected --exit-code`'s.
ALL_BUILT, SOME_FAILED, WRONG_REQUEST, STALE, INTERRUPTED = 0, 1, 2, 3, 130
