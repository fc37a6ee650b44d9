"""The build on doit: tasks, state, index, prune, reporter. Knows no terminal."""
