"""Which parts each endpoint reaches, and what its slice is called and known by."""
