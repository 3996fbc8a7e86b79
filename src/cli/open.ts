import { onOff, SETTINGS } from '../config.js'
import { InputError } from '../lib/errors.js'
import { escapeControls } from '../lib/text.js'
import { fileFlag, save, withFlags } from './command.js'
import { UNTIL } from './replay.js'
import { stopSignal } from './signals.js'

const { port, host, log, clock, latency, webhookHosts, controlToken, verdict } = SETTINGS

export const open = withFlags({
  usage: 'open CAPSULE',
  meaning: 'Serve the session of a capsule, from its end or from before a call',
  takesOperands: true,
  flags: {
    ...{ port, host, log, clock, latency, webhookHosts, controlToken, verdict },
    until: UNTIL,
    deliver: onOff('Send events that are due'),
    html: fileFlag('Write the session as a page in one file, and serve nothing'),
  },
  defaults: { clock: 'standing at the end of the session', latency: 'off' },
  async run({ operands, own, flags, written, streams }) {
    const [file, ...others] = operands
    if (file === undefined || others.length > 0)
      throw new InputError(`open needs one file, not ${operands.length}; allowed: open CAPSULE`)
    const { port, html, until, deliver, log = streams.isTerminal ? 'pretty' : 'json' } = own
    const { clock, latency, webhookHosts, controlToken, verdict } = written
    const { openCapsule } = await import('../index.js')
    const sandbox = await openCapsule(file, {
      log,
      deliver,
      // As texts, which the command line allows; they are checked.
      ...({ until, clock, latency, webhookHosts, controlToken, verdict } as object),
    })
    const { merchants } = await sandbox.control.merchants.list()
    const { id, recording } = merchants[0]!
    const { version, made, keys, notes, difference, failed } = recording!
    for (const line of [...notes, ...(difference ?? [])]) await streams.err(`${file}: ${escapeControls(line)}`)
    if (html !== undefined) {
      const { pageInFile } = await import('../inspector/file.js')
      const page = await pageInFile(sandbox.fetch, id)
      await sandbox.close()
      save(html, () => page)
      await streams.out(`${html}: holds the session of ${file}`)
      return 0
    }
    const stopped = stopSignal()
    const url = await sandbox.listen({ port, ...(flags.host !== undefined && { host: String(flags.host) }) })
    const distinct = new Set(Object.values(keys))
    const shown = distinct.size < 2 ? [...distinct] : Object.entries(keys).map(([vendor, key]) => `${key} (${vendor})`)
    const lines = [
      `wallet-sandbox listening on ${url}`,
      `key: ${shown.join(', ')}`,
      `recording: merchant ${id}, of version ${version}${made === null ? '' : `, made ${made}`}`,
      `inspector: ${url}/_sandbox/${failed === null ? '' : `#call/${encodeURIComponent(id)}/${failed}`}`,
    ]
    for (const line of lines) await streams.out(escapeControls(line))
    await stopped
    await sandbox.close()
    return 0
  },
})
