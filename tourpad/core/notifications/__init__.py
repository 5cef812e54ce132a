"""What people are told, and by which way: in the app and by mail."""
