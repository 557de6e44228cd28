export class Espruino {
  constructor(options?: { hasCharacters?: boolean; refuses?: number[]; board?: string })
  load(file: string, further?: object): Record<string, unknown>
  stop(): void
  addModule(name: string, file: string): void
}
