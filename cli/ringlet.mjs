#!/usr/bin/env node
// `npx ringlet wss://…`: the command line, as `bin` of package.json names it.

import process from 'node:process'
import { main } from './main.mjs'

process.exitCode = await main(process.argv.slice(2))
