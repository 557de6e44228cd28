export const METHODS: Record<string, string[]>
