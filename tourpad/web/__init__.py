"""The HTTP API: one file a resource under `routes/`."""
