"""How TourPad is used, counted elsewhere under numbers that say nobody's name (`POSTHOG_API_KEY`; off without it)."""
