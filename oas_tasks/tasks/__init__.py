"""The tasks of doit, what doit is told of them, and how a run is reported."""
