"""Artists and hosts ask to be let in; admins decide."""
