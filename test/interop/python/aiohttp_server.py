"""A server for the interop cases: aiohttp. Settings as JSON in the first argument: `deflate`, `tls`."""

import asyncio
import json
import sys

from aiohttp import WSMsgType, web
from common import PROTOCOLS, REFUSALS, Checksum, context, pattern, shown, split

settings = json.loads(sys.argv[1])
held = []
# Name of a connection: the Close frame that came.
closes = {}


async def answer(request):
    path, query = split(request.path_qs)
    if path == "/refuse":
        status = int(query["status"])
        headers = dict([REFUSALS[status]]) if status in REFUSALS else {}
        return web.Response(status=status, text="refused", headers=headers)
    socket = web.WebSocketResponse(
        protocols=PROTOCOLS,
        max_msg_size=1 << 26,
        compress="deflate" in settings,
        autoping=path != "/ping",
    )
    await socket.prepare(request)
    try:
        await say(socket, path, query, request)
    except (ConnectionError, RuntimeError):
        # Lost, or closed while it was being written to.
        pass
    return socket


async def say(socket, path, query, request):
    if path == "/ping":
        await socket.ping(b"from the server")
    elif path == "/close":
        await socket.close(code=int(query.get("code", 1000)), message=query.get("reason", "").encode())
        return
    elif path == "/last-close":
        await socket.send_str(closes.get(query["of"], ""))
    elif path == "/headers":
        await socket.send_str(shown(request.headers))
    elif path == "/release":
        for one in held:
            one.set()
        held.clear()
        await socket.close()
        return
    elif path == "/push":
        size = int(query["size"])
        for i in range(int(query["count"])):
            await socket.send_bytes(pattern(i * size, size))
        await socket.close()
        return
    elif path == "/hold":
        released = asyncio.Event()
        held.append(released)
        await released.wait()
    total = Checksum()
    while True:
        message = await socket.receive()
        if message.type == WSMsgType.PONG:
            await socket.send_str("pong " + message.data.decode())
        elif message.type == WSMsgType.PING:
            await socket.pong(message.data)
        elif message.type == WSMsgType.BINARY:
            if path == "/hold":
                total.add(message.data)
            else:
                await socket.send_bytes(message.data)
        elif message.type == WSMsgType.TEXT:
            await socket.send_str(str(total) if path == "/hold" else message.data)
        else:
            if message.type == WSMsgType.CLOSE:
                closes[query.get("name")] = f"{message.data} {message.extra or ''}"
            return


async def main():
    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context(settings.get("tls")))
    await site.start()
    print("listening on", site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
