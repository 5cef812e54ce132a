"""Who can when: calendars of days, calendars kept elsewhere, and artists' planned trips."""
