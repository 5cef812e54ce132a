"""What keeps requests honest, whatever they ask for: idempotency keys and rate limits."""
