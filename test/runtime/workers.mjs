export const startWorkerd = 0,
  startMiniflare = 0
