"""Slices of endpoints: put together, converted, validated, as bytes."""
