"""Answers from plans and from what is on disk, for commands that write nothing."""
