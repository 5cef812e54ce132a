"""What our middlewares are: something around every route, HTTP and sockets alike."""

from abc import ABC, abstractmethod
from functools import partial

from litestar.types import ASGIApp, Receive, Scope, Send


class Layer(ABC):
    """Put around the application once, at its start.

    Litestar's own base class asks of each request whether a path, a kind of connection or an option leaves it out.
    Nothing is left out of ours, and three of them cost a twentieth of a hot request that way.
    """

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """The application with this around it."""
        return partial(self.handle, next_app=app)

    @abstractmethod
    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let one connection through, or don't."""
