"""Help on commands and topics, and what a shell proposes."""
