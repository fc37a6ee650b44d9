"""What earlier runs left: the databases of the cache folder."""
