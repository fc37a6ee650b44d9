"""Questions at a terminal: what is asked, how, and what an answer means."""
