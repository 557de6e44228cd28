export const INTERNAL: string[]
export function minification(name: string): object
