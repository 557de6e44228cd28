// An echo server: Bun's, which is uWebSockets. Settings as JSON in the first argument.

const perMessageDeflate = JSON.parse(process.argv[2])
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: (request, self) => (self.upgrade(request) ? undefined : new Response('', { status: 400 })),
  websocket: {
    perMessageDeflate,
    maxPayloadLength: 1 << 26,
    backpressureLimit: 1 << 26,
    message(socket, message) {
      socket.send(message, true)
    },
  },
})
console.log('listening on ' + server.port)
