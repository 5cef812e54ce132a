"""Artists ask hosts for dates; both settle terms."""
