"""Who is let in: admins first, then a small group, then everybody."""
