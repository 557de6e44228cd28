"""A server for the interop cases: websockets. Settings as JSON in the first argument: `deflate`, `tls`."""

import asyncio
import json
import sys
from http import HTTPStatus

from common import PROTOCOLS, REFUSALS, Checksum, context, pattern, pieces, shown, split
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

held = []
# Name of a connection: the Close frame that came.
closes = {}


async def converse(socket):
    path, query = split(socket.request.path)
    try:
        await say(socket, path, query)
    except ConnectionClosed:
        pass
    await socket.wait_closed()
    if socket.protocol.close_rcvd:
        frame = socket.protocol.close_rcvd
        closes[query.get("name")] = f"{frame.code} {frame.reason}"


async def say(socket, path, query):
    if path == "/ping":
        await (await socket.ping("from the server"))
        await socket.send("pong from the server")
    elif path == "/close":
        await socket.close(int(query.get("code", 1000)), query.get("reason", ""))
    elif path == "/last-close":
        await socket.send(closes.get(query["of"], ""))
    elif path == "/headers":
        await socket.send(shown(socket.request.headers))
    elif path == "/release":
        for one in held:
            one.set()
        held.clear()
        await socket.close()
    elif path == "/push":
        size = int(query["size"])
        for i in range(int(query["count"])):
            await socket.send(pattern(i * size, size))
        await socket.close()
    elif path == "/hold":
        released = asyncio.Event()
        held.append(released)
        await released.wait()
    total = Checksum()
    async for message in socket:
        if path == "/hold":
            if isinstance(message, bytes):
                total.add(message)
            else:
                await socket.send(str(total))
        elif path == "/fragments":
            await socket.send(pieces(message))
        else:
            await socket.send(message)


def refuse(connection, request):
    path, query = split(request.path)
    if path != "/refuse":
        return None
    status = int(query["status"])
    response = connection.respond(HTTPStatus(status), "refused\n")
    if status in REFUSALS:
        name, value = REFUSALS[status]
        response.headers[name] = value
    return response


def choose(connection, offered):
    return next((one for one in PROTOCOLS if one in offered), None)


async def main():
    settings = json.loads(sys.argv[1])
    deflate = settings.get("deflate")
    async with serve(
        converse,
        "127.0.0.1",
        0,
        process_request=refuse,
        select_subprotocol=choose,
        extensions=None if deflate is None else [ServerPerMessageDeflateFactory(**deflate)],
        compression=None,
        max_size=1 << 26,
        ssl=context(settings.get("tls")),
    ) as server:
        print("listening on", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())
