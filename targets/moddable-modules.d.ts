// What `moddable.ts` imports of the Moddable SDK.

declare module 'timer' {
  const Timer: import('./ecma419').Natives['Timer']
  export default Timer
}

declare module 'crypt' {
  export const Digest: import('./ecma419').Natives['Digest']
}

declare module 'text/decoder' {
  const TextDecoder: import('./ecma419').Natives['TextDecoder']
  export default TextDecoder
}
