// Runs examples/moddable-sensor in XS. What it traces is printed.

const { host } = globalThis
let opened = 0

globalThis.trace = (text) => {
  host.print('traced ' + text.trim())
  if (text === 'open\n' && ++opened === 3) host.quit(0)
}

import('../../../examples/moddable-sensor/main.js')
