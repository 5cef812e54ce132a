"""What is outside: one narrow protocol each, the real client and the local one side by side."""
