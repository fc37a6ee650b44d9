"""Tests of oas_tasks.formats; a package, so that its modules can share `samples`."""
