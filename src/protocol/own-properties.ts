// Options are read from what the caller has written, and from nothing else: not from `Object.prototype`, where a parser
// of somebody's data may have put a `random`, a `headers` or a limit of its own.

/** A copy of what `object` has itself, with nothing inherited. Getters are called once. */
export function ownProperties<Type extends object>(object: Type): Type {
  return Object.assign(Object.create(null), object)
}
