export const VERDICTS: string[]

export interface Entry {
  behavior: string
  behaviorClose: string
}

export interface Outcome {
  delivered: number
  error?: string
  problem?: string
}

export function worse(behavior: string, behaviorClose: string): string

export function judge(
  entry: Record<string, Entry>,
  numbers: number[],
  numberOf: (id: string) => number | undefined,
  outcomes: Map<number, Outcome>,
): { counts: Record<string, number>; passed: number; failed: number; notes: string[] }
