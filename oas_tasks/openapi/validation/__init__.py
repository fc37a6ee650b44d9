"""Finds the faults of a slice, phase by phase. Takes values, returns faults; callers may remember those of a part."""
