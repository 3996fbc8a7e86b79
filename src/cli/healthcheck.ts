import { readSettings } from '../config.js'
import { type Command, environmentFor } from './command.js'
import { ask, serverUrl } from './server.js'

/** How long a server may take to answer, in ms. */
const TIMEOUT_MS = 2000

export const healthcheck: Command = {
  usage: 'healthcheck',
  meaning: 'Exit 0 when the server answers',
  async run({ flags, streams }) {
    const url = `${serverUrl(flags, readSettings(flags, environmentFor(streams)))}/_sandbox/health`
    const reply = await ask(url, TIMEOUT_MS)
    if (reply?.status === 200) return 0
    await streams.err(
      `wallet-sandbox: ${reply === undefined ? `nothing answers at ${url}` : `${url} answered ${reply.status}, not 200`}`,
    )
    return 1
  },
}
