// What `moddable.ts` imports of the Moddable SDK.

declare module 'timer' {
  const Timer: import('./ecma419-connect').Natives['Timer']
  export default Timer
}

declare module 'crypt' {
  export const Digest: import('./ecma419-connect').Natives['Digest']
}

declare module 'logical' {
  const Logical: import('./ecma419-connect').Natives['Logical']
  export default Logical
}
