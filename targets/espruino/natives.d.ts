// What Ringlet uses of Espruino's own functions, as far as the standard's types lack it.

interface EspruinoSocket {
  /** A string of characters 0 to 255; queued whole, and copied again after each 536 bytes that leave. */
  write(bytes: string): boolean
  /** Closes both directions once what was written has left. */
  end(): void
  on(event: string, listener: (this: EspruinoSocket, argument: never) => void): void
  /** The number of the network's socket, plus 1. Without it Espruino neither reads nor writes. */
  sckt?: number
  /** Closes at the next turn, whatever waits to be written. */
  clsNow?: boolean
  /** Whose socket it is. */
  _owner?: object
}

interface EspruinoNetwork {
  connect(options: object): EspruinoSocket
}

declare function require(name: 'net' | 'tls'): EspruinoNetwork
declare function require(name: 'ringlet'): unknown
declare function require(name: 'crypto'): { SHA1(text: string): ArrayBuffer }
declare function btoa(bytes: string | ArrayBuffer): string
declare function setTimeout<Values extends unknown[]>(
  callback: (...values: Values) => void,
  delay: number,
  ...values: Values
): number
/** Throws if there is no such timer. */
declare function clearTimeout(timer: number): void
declare const process: { env: { BOARD: string } }

declare const E: {
  toUint8Array(text: string): Uint8Array
  /** Of numbers, each the lowest 8 bits; arrays of them; bytes; strings. May share the memory of a single array. */
  toString(...parts: (number | number[] | ArrayBufferLike | Uint8Array | string)[]): string
  hwRand(): number
  /** False for every string where strings are made of bytes. */
  isUTF8(text: string): boolean
  /** The characters of UTF-8; throws where strings are made of bytes. */
  asUTF8(bytes: string): string
  /** The UTF-8 of characters. */
  fromUTF8(text: string): string
}
