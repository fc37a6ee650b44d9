"""The command `affected`: the endpoints that changed, in each form that it writes."""
