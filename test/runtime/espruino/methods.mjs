// What the classes of Espruino have (2v29; the table of its reference), as far as a bundle could call it.

export const METHODS = {
  String: ['fromCharCode'],
  'String.prototype': (
    'constructor length charAt charCodeAt concat endsWith includes indexOf lastIndexOf match padEnd padStart repeat ' +
    'replace slice split startsWith substr substring toLowerCase toUpperCase trim'
  ).split(' '),
  Array: ['isArray'],
  'Array.prototype': (
    'constructor length concat every fill filter find findIndex forEach includes indexOf join map pop push reduce ' +
    'reverse shift slice some sort splice toString unshift'
  ).split(' '),
  Object: (
    'assign create defineProperties defineProperty entries fromEntries getOwnPropertyDescriptor ' +
    'getOwnPropertyNames getPrototypeOf keys setPrototypeOf values'
  ).split(' '),
  'Object.prototype': ['constructor', 'hasOwnProperty', 'toString', 'valueOf'],
  'Function.prototype': ['constructor', 'apply', 'bind', 'call'],
  Number: [],
  'Number.prototype': ['constructor', 'toFixed', 'toString', 'valueOf'],
  Math: 'PI abs acos asin atan atan2 ceil cos exp floor log max min pow random round sign sin sqrt tan'.split(
    ' ',
  ),
  JSON: ['parse', 'stringify'],
}
