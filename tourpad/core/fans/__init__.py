"""Fans' preferences. Whether a fan is a member is said by `memberships`."""
