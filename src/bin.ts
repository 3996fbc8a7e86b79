#!/usr/bin/env node
import { main } from './cli/main.js'

// A failed write rejects by itself; without a listener the event would end the process.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.exitCode = await main(process.argv.slice(2))
