export const INTERNAL: string[]
export function minification(name: string): { mangle: { properties: { regex: RegExp } } }
