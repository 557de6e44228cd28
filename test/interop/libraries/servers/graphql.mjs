// graphql-ws's server over `ws`. The port is the first argument.

import process from 'node:process'
import { importFrom, install } from '../../../runtime/packages.mjs'

const folder = await install('libraries')
const { default: graphql } = await importFrom(folder, 'graphql/index.js')
const { useServer } = await importFrom(folder, 'graphql-ws/dist/use/ws.js')
const { WebSocketServer } = await importFrom(folder, 'ws/wrapper.mjs')
const schema = graphql.buildSchema(`
  type Query { echo(text: String!): String! }
  type Subscription { count(to: Int!): Int! }
`)
const roots = {
  query: { echo: ({ text }) => text },
  subscription: {
    async *count({ to }) {
      for (let i = 1; i <= to; i++) yield { count: i }
    },
  },
}
useServer(
  { schema, roots },
  new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) }),
)
