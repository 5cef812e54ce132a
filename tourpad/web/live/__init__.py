"""Sockets: who holds one, what they are told, and when they are closed. The route is `web/routes/live.py`."""
