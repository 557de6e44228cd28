import type { Env } from '../catalogue.mjs'

export const BUNDLE: string
export const LACKS: Record<string, string>
export function environmentOf(
  peers: { places: Record<string, string | undefined>; ca: string },
  options: { hasCharacters: boolean },
): Env
export const IS_COSTLY: RegExp
