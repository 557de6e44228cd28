export function startRelay(url: string): Promise<string>
