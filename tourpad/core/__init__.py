"""The domain library. It imports neither the CLI, the web nor the jobs, and can be used from a Python shell."""
