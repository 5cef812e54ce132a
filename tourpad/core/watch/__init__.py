"""What the house says of itself while it runs: logs and error reports, with nothing secret in them."""
