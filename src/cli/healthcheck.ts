import { withFlags } from './command.js'
import { ask, SERVER, serverUrl } from './server.js'

const TIMEOUT_MS = 2000

export const healthcheck = withFlags({
  usage: 'healthcheck',
  meaning: 'Exit 0 when the server answers',
  flags: SERVER,
  async run({ flags, own, streams }) {
    const url = `${serverUrl(flags, own)}/_sandbox/health`
    const reply = await ask(url, TIMEOUT_MS)
    if (reply?.status === 200) return 0
    await streams.err(
      `wallet-sandbox: ${reply === undefined ? `nothing answers at ${url}` : `${url} answered ${reply.status}, not 200`}`,
    )
    return 1
  },
})
