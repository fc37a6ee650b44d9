"""What programs import from `oas_tasks`: requests and results as data, on the same way as the command line."""
