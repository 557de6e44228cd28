type Conversation = (WebSocket: unknown, url: (path: string) => string) => Promise<string[]>

export const CONVERSATIONS: Record<string, Conversation>
export const LOGS: Record<string, string[]>
