"""Amounts in the units that people use."""

from __future__ import annotations

import pytest

from oas_tasks.amounts import counted, duration, size, whole_duration


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.0, "0.1 s"),
        (0.04, "0.1 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (12.3, "12 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (65.3, "1 min 5 s"),
        (119.7, "2 min"),
        (3599.6, "1 h"),
        (7385.0, "2 h 3 min"),
        (7199.0, "2 h"),
    ],
)
def test_durations(seconds: float, written: str) -> None:
    assert duration(seconds) == written


def test_durations_without_tenths() -> None:
    assert [whole_duration(seconds) for seconds in (1, 59, 60, 600, 3600)] == ["1 s", "59 s", "1 min", "10 min", "1 h"]


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (1_240, "1.2 kB"),
        (9_960, "10 kB"),
        (23_137, "23 kB"),
        (999_600, "1 MB"),
        (13_001_822, "13 MB"),
        (2_500_000_000, "2.5 GB"),
    ],
)
def test_sizes(count: int, written: str) -> None:
    assert size(count) == written


def test_nouns_follow_their_number() -> None:
    assert [counted(count, "endpoint") for count in (0, 1, 1078)] == ["0 endpoints", "1 endpoint", "1,078 endpoints"]
