"""Knows what OpenAPI 3.0, 3.1 and 3.2 say: object model, walk, references, validation, conversion. Knows no files."""
