// The libraries, in the order of the table: `{ name, packages, needs, run(trial, folder) }`. `needs` says how to give a
// library Ringlet's class.

import { ethers } from './ethers.mjs'
import { graphqlWs } from './graphql-ws.mjs'
import { aedes, mosquitto } from './mqtt.mjs'
import { nats } from './nats.mjs'
import { partysocket, reconnectingWebsocket } from './reconnecting.mjs'
import { socketIo } from './socket-io.mjs'
import { yWebsocket } from './y-websocket.mjs'

export const LIBRARIES = [
  aedes,
  mosquitto,
  graphqlWs,
  nats,
  socketIo,
  ethers,
  partysocket,
  reconnectingWebsocket,
  yWebsocket,
]
