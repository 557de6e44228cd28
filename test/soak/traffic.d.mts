/** The handlers of a connection of the soak: `onText` or `onFragment`. */
export interface Heard {
  onText?(text: string): void
  onFragment?(bytes: Uint8Array, start: number, end: number, kind: number, final: boolean): void
  onPong(bytes: ArrayLike<number>, start: number, end: number): void
  onClose(code: number, reason: string, wasClean: boolean): void
}

export class Traffic {
  constructor(setup: object)
  counts: { connects: number; messages: number; octets: number; pongs: number }
  problems: string[]
  start(): void
  stop(): Promise<void>
}
