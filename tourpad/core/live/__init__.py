"""News for whoever holds a socket open: signals of ids, sent with the commit, read by every process of the API."""
