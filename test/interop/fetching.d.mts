export function fetching<Result>(
  what: string,
  run: () => Promise<Result>,
  waits?: number[],
  log?: (line: string) => void,
): Promise<Result>
