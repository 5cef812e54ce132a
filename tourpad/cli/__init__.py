"""The `tourpad` command: one file a noun. Modules here import nothing heavy at their top, so that help is instant."""
