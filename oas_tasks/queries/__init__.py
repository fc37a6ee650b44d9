"""Answers questions from plans and from the files on disk, for commands that write nothing."""
