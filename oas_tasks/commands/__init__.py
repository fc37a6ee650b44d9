"""What `slice-oas` can be asked for: a command is a function in a file of its own, which `cli.py` calls."""
