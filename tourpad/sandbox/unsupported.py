"""What the sandbox leaves out it refuses by name, so that nobody believes it was done."""

from tourpad.sandbox.errors import Obj, refused


def refuse(given: Obj, *names: str) -> None:
    """Raise for a parameter that Stripe knows and the sandbox would have to ignore."""
    for name in names:
        if given.get(name):
            message = f"Stripe knows '{name}'; the sandbox does not do it."
            raise refused(message, param=name)
