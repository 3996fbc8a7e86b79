import { cpu } from './cpu.js'
import { data } from './data.js'
import { growth, memory } from './growth.js'
import { latency } from './latency.js'
import { openPage } from './open-page.js'
import { replicas } from './replicas.js'
import { startup } from './startup.js'
import { inProcess, throughput } from './throughput.js'

const MEASUREMENTS = { startup, inProcess, cpu, throughput, openPage, latency, growth, memory, data, replicas }

/** The measurements named on the command line, or every one, one after the other. */
const named = process.argv.slice(2)
for (const name of named.length > 0 ? named : Object.keys(MEASUREMENTS)) {
  const measure = MEASUREMENTS[name as keyof typeof MEASUREMENTS]
  if (measure === undefined)
    throw new Error(`no measurement is called ${name}; there are ${Object.keys(MEASUREMENTS).join(', ')}`)
  await measure()
}
