"""What is stored and belongs to nothing: found, shown, deleted."""
