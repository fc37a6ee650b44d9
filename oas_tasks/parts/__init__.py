"""What a document is cut into: components, tags and operations, each with what it refers to."""
