"""The workshop: small programs that set up, check and draw what the code says about itself."""
