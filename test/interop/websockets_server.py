"""An echo server: Python's websockets, which compresses with zlib. Settings as JSON in the first argument."""

import asyncio
import json
import sys

from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def main():
    factory = ServerPerMessageDeflateFactory(**json.loads(sys.argv[1]))
    async with serve(
        echo, "127.0.0.1", 0, extensions=[factory], compression=None, max_size=1 << 26
    ) as server:
        print("listening on", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())
