"""From one plan to another, with a quote before."""
