"""Pictures, videos and sound that people upload."""
