// What the docs' programs for devices take from their system, as far as they use it: so that they can be compiled here.

declare module 'embedded:io/socket/tcp' {
  const TCP: new (options: never) => object
  export default TCP
}

declare module 'timer' {
  const Timer: { set(callback: () => void): unknown }
  export default Timer
}

interface DeviceSocket {
  io: never
  dns: { io: never }
  socket: { io: never }
}

declare const device: { network: { ws: DeviceSocket; wss: DeviceSocket } }
declare function trace(text: string): void
declare function require(name: 'ringlet'): typeof import('ringlet/espruino')
declare function require(name: 'ws'): typeof import('ringlet/espruino-ws').default
