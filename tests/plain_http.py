"""Requests to servers on this machine, as httpx makes them, without reading all certificates for each of them.

That takes a twelfth of a second each time, many times as long as the request, and nothing here speaks TLS.
"""

import ssl
from functools import partial
from typing import Final

import httpx

_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

request = partial(httpx.request, verify=_NO_TLS)
get = partial(httpx.get, verify=_NO_TLS)
post = partial(httpx.post, verify=_NO_TLS)
delete = partial(httpx.delete, verify=_NO_TLS)
