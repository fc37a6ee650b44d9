"""The doit tasks, their runners, and the report of a run."""
