"""From somebody's calendar to the days on which it has something: in a process of its own."""
