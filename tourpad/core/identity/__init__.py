"""People: accounts, credentials, sessions, tokens, permissions."""
