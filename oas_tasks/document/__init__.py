"""The files of a document, read into values whose references can be followed."""
