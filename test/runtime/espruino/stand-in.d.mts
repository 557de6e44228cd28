export class Espruino {
  constructor(options?: { hasCharacters?: boolean; refuses?: number[]; cpu?: string })
  load(file: string, further?: object): Record<string, unknown>
  addModule(name: string, file: string): void
}
