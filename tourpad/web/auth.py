"""Sign-in of requests: a Bearer access token becomes a `Principal`, or the request is nobody's."""
