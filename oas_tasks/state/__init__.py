"""What earlier runs left: the cache with plans and records, the output folder, its index."""
