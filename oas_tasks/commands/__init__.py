"""The commands of `slice-oas`: each is a function in a file of its own, which `cli.py` calls."""
