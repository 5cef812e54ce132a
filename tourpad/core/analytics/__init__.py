"""Business metrics: how many people come, how far they get, what is booked, played, seated and paid."""
