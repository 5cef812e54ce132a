"""What TourPad can tell a bank about a disputed charge: drafted from what is known, edited by a person, sent once."""
