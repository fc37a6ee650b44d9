"""Self-contained HTML pages: the report about an output folder, and pictures of graphs."""
