"""Everything that is held on one person, as one archive."""
