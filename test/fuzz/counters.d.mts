export const MOST: number
export function withCounters(text: string, first: number): { code: string; count: number }
