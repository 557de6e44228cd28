export function numbersFrom(seed: number): () => number
export function makeMessage(
  number: () => number,
  largest: number,
): { text?: string; bytes?: Uint8Array }
export function signatureOf(kind: number, bytes: Uint8Array, start: number, end: number): string
