export function median(list: number[]): number
export function printTable(rows: string[][]): void
