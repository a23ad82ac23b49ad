"""Sources: configured collectors, and whether they hear anything."""
