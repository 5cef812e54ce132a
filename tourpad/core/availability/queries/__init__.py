"""Every SELECT on calendars, feeds and trips."""
