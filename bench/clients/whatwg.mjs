// What the clients with the WHATWG interface have in common. They tell of no room: what waits is looked at each turn.

export function openWith(WebSocket, url, heard) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }) => heard(typeof data === 'string' ? data.length : data.byteLength)
    socket.onerror = (event) => reject(event.error || new Error('failed'))
    socket.onopen = () =>
      resolve({
        socket,
        send(message, count, done) {
          for (let i = 0; i < count; i++) socket.send(message)
          const look = () => (socket.bufferedAmount ? setImmediate(look) : done())
          look()
        },
      })
  })
}
