"""Both sides of a completed booking say how it was."""
