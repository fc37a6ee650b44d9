"""Writes amounts as people read them: durations, sizes and counts with their units."""

from __future__ import annotations

#: Seconds from which on tenths are left out, and those of a minute and of an hour.
_WHOLE, _MINUTE, _HOUR = 10, 60, 3600

#: Units of size, each a thousand times the one before.
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def duration(seconds: float) -> str:
    """Return a time as `0.4 s`, `12 s`, `1 min 5 s` or `2 h 3 min`; never less than a tenth of a second."""
    tenths = f"{max(seconds, 0.1):.1f}"
    if float(tenths) < _WHOLE:
        return f"{tenths} s"
    return whole_duration(round(seconds))


def whole_duration(seconds: int) -> str:
    """Return a time as `duration` does, without tenths of a second."""
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        minutes, rest = divmod(seconds, _MINUTE)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / _MINUTE), _MINUTE)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"


def size(count: int) -> str:
    """Return a number of bytes as `640 bytes`, `1.2 MB` or `13 MB`, in powers of 1,000."""
    if count < 1000:
        return counted(count, "byte")
    amount, unit = float(count), 0
    while round(amount) >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    shown = f"{amount:.1f}" if float(f"{amount:.1f}") < _WHOLE else f"{amount:,.0f}"
    return f"{shown.removesuffix('.0')} {_UNITS[unit]}"


def counted(count: int, what: str) -> str:
    """Return a number with its noun: `1 endpoint`, `1,078 endpoints`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
