"""What needs two admins: one asks, another approves, for exactly what was asked, once, and not for long."""
