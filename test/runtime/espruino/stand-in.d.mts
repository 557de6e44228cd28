export class Espruino {
  constructor(options?: { hasCharacters?: boolean; refuses?: number[]; board?: string })
  load(file: string, further?: object): Record<string, unknown>
  stop(): void
  /** What `require` finds. */
  modules: Record<string, unknown>
  addModule(name: string, file: string): void
}
