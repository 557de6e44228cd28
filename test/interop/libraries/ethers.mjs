// ethers' provider with a small node of Ethereum's JSON-RPC.

import { deepStrictEqual } from 'node:assert'
import { importFrom } from '../../runtime/packages.mjs'
import { soon, until } from './trial.mjs'

export const ethers = {
  name: 'ethers WebSocketProvider, JSON-RPC',
  packages: ['ethers'],
  needs: 'a function that makes the socket, in place of the URL',
  async run(trial, folder) {
    const { WebSocketProvider } = await importFrom(folder, 'ethers/lib.esm/index.js')
    await trial.serve('json-rpc.mjs')
    const open = () => new WebSocketProvider(() => new trial.WebSocket(trial.url))
    let provider
    await trial.step('connect', async () => {
      provider = open()
      deepStrictEqual((await soon(provider.getNetwork(), 'connected')).chainId, 1337n)
    })
    const exchange = async () => {
      deepStrictEqual(await soon(provider.getBalance('0x' + '11'.repeat(20)), 'answered'), 4096n)
      const blocks = []
      await provider.on('block', (number) => blocks.push(number))
      await until(() => blocks.length > 2, 'blocks have been told')
      await provider.off('block')
      // Behind the request that ends the subscription: a provider that is destroyed with one under way throws.
      await soon(provider.send('net_version', []), 'answered')
    }
    await trial.step('exchange', exchange)
    await trial.step('large', async () => {
      const text = 'ringlet '.repeat(1 << 19)
      const answer = await soon(provider.send('ringlet_echo', [text]), 'answered')
      deepStrictEqual(answer === text, true)
    })
    await trial.step('reconnect', async () => {
      // The provider does not come back by itself: it is for its user to make another.
      await trial.killServer(() => trial.closes.length > 0)
      deepStrictEqual(trial.closes[0].wasClean, false)
      provider = open()
      await exchange()
    })
    await trial.step('close', () => trial.closeCleanly(() => provider.destroy()))
  },
}
