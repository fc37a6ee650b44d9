"""From a document to slices: document -> parts -> closures -> plan -> slice bytes. Knows no doit."""
