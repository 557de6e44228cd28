"""What both servers have in common. What each path does stands in ../servers.mjs."""

import ssl
import zlib
from urllib.parse import parse_qs, urlsplit

PIECE = 1000
PROTOCOLS = ["v2.ringlet", "v1.ringlet"]
REFUSALS = {401: ("WWW-Authenticate", 'Basic realm="interop"'), 503: ("Retry-After", "7")}


def split(target):
    """The path, and the parameters of the query."""
    parts = urlsplit(target)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


# The pattern in blocks of 256 bytes, of which there are 256 kinds: byte by byte it would hold up all connections.
BLOCKS = [bytes((i * 7 + shift) & 255 for i in range(256)) for shift in range(256)]


def pattern(offset, size):
    first = offset >> 8
    last = (offset + size + 255) >> 8
    blocks = (BLOCKS[(block * 13 + (block >> 8) * 31) & 255] for block in range(first, last))
    return b"".join(blocks)[offset & 255 : (offset & 255) + size]


def shown(headers):
    return " | ".join(headers.get(name, "") for name in ("X-Ringlet", "Authorization", "Cookie"))


def pieces(message):
    """A message in pieces; of text as text, which cuts between characters."""
    return [message[i : i + PIECE] for i in range(0, len(message), PIECE)] or [message]


class Checksum:
    def __init__(self):
        self.length = 0
        self.sum = 1

    def add(self, message):
        self.length += len(message)
        self.sum = zlib.adler32(message, self.sum)

    def __str__(self):
        return f"{self.length} bytes, sum {self.sum:08x}"


def context(tls):
    """A server's TLS from the names of its files, or none."""
    if tls is None:
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(tls["certFile"], tls["keyFile"])
    return made
