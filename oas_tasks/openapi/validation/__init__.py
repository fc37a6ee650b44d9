"""Finds the faults of a slice, phase by phase. From values it makes faults, which callers may keep for a part."""
