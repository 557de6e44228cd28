// The dashboard of examples/, whole: a sensor's server, the gateway with Ringlet, and its page in a real Chromium.

import { deepStrictEqual } from 'node:assert'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { WebSocketServer } from 'ws'
import { start } from '../conformance/processes.mjs'
import { install, requireFrom, root } from '../runtime/packages.mjs'
import { debian } from './installation.mjs'
import { freePort } from './loopback.mjs'

/** A sensor named as no page may take for markup. */
const SENSOR = '<b>cellar</b>'

/** Starts the server of readings; `tell(value)` sends one, `kill()` drops everybody. */
async function startSensors(port) {
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  await once(server, 'listening')
  const tell = (value) => {
    for (const peer of server.clients) peer.send(JSON.stringify({ sensor: SENSOR, value }))
  }
  const kill = () => {
    for (const peer of server.clients) peer.terminate()
    return new Promise((done) => server.close(done))
  }
  return { tell, kill }
}

/** Starts the gateway; resolves to the address of its page. */
function startGateway(url) {
  let gateway
  const address = new Promise((resolve, reject) => {
    gateway = start(process.execPath, [join(root, 'examples/dashboard/gateway.mjs'), url], {
      onLine: resolve,
    })
    gateway.ended.then((code) => reject(new Error(`ended with ${code}: ${gateway.output}`)), reject)
  })
  return { address, stop: gateway.kill }
}

/** Until the page shows this state, and a row for the sensor: last, least, most, count. */
async function shows(page, state, values) {
  const expected = [SENSOR, ...values].join(' ')
  await page.waitForFunction(
    ([state, row]) =>
      document.getElementById('state').textContent === state &&
      [...document.querySelectorAll('#sensors tr')].some(
        (line) => [...line.cells].map((cell) => cell.textContent).join(' ') === row,
      ),
    [state, expected],
  )
}

export const dashboard = {
  name: 'dashboard in Chromium',
  isLong: true,
  async run() {
    const { program, env } = await debian('chromium', '/usr/lib/chromium/chromium')
    const { chromium } = requireFrom(await install('browser'), 'playwright-core')
    const port = await freePort()
    let sensors = await startSensors(port)
    const gateway = startGateway(`ws://127.0.0.1:${port}/`)
    // Chromium's sandbox does not start as root.
    const args = process.getuid() ? [] : ['--no-sandbox']
    const browser = await chromium.launch({ executablePath: program, env, args, timeout: 90000 })
    try {
      const address = await gateway.address
      const problems = []
      const open = async () => {
        const page = await browser.newPage()
        page.setDefaultTimeout(60000)
        page.on('pageerror', (error) => problems.push(String(error)))
        await page.goto(address)
        return page
      }
      const page = await open()
      await page.waitForFunction(() => document.getElementById('state').textContent === 'connected')
      for (const value of [12.5, -8, 20]) sensors.tell(value)
      await shows(page, 'connected', [20, -8, 20, 3])
      // Another browser begins with the last reading.
      const other = await open()
      await shows(other, 'connected', [20, 20, 20, 1])
      await sensors.kill()
      await page.waitForFunction(() => document.getElementById('state').textContent !== 'connected')
      sensors = await startSensors(port)
      await page.waitForFunction(() => document.getElementById('state').textContent === 'connected')
      sensors.tell(21)
      await shows(page, 'connected', [21, -8, 21, 4])
      await shows(other, 'connected', [21, 20, 21, 2])
      deepStrictEqual(problems, [])
    } finally {
      await browser.close()
      gateway.stop()
      await sensors.kill()
    }
  },
}
