"""Plans slices: the parts that each endpoint reaches, the name of its file and its fingerprint."""
