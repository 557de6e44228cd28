// `ringlet/ecma419` for a program that includes `manifest.json`. The bundle itself has the name that `mcpack` gives it: the
// SDK takes a file under one name alone.
export * from 'ringlet/dist/moddable'
