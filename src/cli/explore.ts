import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { anyText, SETTINGS, setting, text } from '../config.js'
import { EXPLORE } from '../explore/options.js'
import type { Exploration, ExploreFinding } from '../explore/report.js'
import { InputError } from '../lib/errors.js'
import { JSON_OUT, JUNIT, save, showInJob, toggle, withFlags } from './command.js'
import { stopSignal } from './signals.js'

const RECONCILE = text(
  '--reconcile',
  'COMMAND',
  'Runs after a run that exits with 75, as a nightly job does',
  'a command for the shell',
)

const FOLDER = setting({
  flag: '--findings',
  value: 'FOLDER',
  fallback: 'explore-findings',
  allowed: 'a folder',
  meaning: 'Where the capsule of each finding is written',
  parse: anyText,
})

export const explore = withFlags({
  usage: 'explore [flags] -- COMMAND…',
  meaning: 'Run a command again with each fault at each of its calls; exit 1 when one does harm',
  takesOperands: true,
  flags: {
    port: SETTINGS.port,
    host: SETTINGS.host,
    ...EXPLORE,
    reconcile: RECONCILE,
    folder: FOLDER,
    keep: toggle('--keep', 'Serve on after the report, with the runs that found something in the inspector'),
    json: JSON_OUT,
    junit: JUNIT,
  },
  async run({ operands, own: { port, host, reconcile, folder, keep, json, junit }, flags, written, streams }) {
    if (operands.length === 0) throw new InputError('explore needs a command; allowed: explore [flags] -- COMMAND…')
    const taken = Object.entries(written).filter(([name]) => Object.hasOwn(EXPLORE, name))
    const stopping = new AbortController()
    const stopped = stopSignal().then(() => stopping.abort())
    const { explore } = await import('../explore/explore.js')
    const { commandFlow } = await import('../explore/children.js')
    const { toJUnit, toMarkdown, toText } = await import('../explore/report.js')
    const { fileNameOf } = await import('../explore/schedules.js')
    const fileOf = ({ schedule }: ExploreFinding) => join(folder, `${fileNameOf(schedule)}.capsule.json`)
    const repeat = (finding: ExploreFinding) => [
      `wallet-sandbox explore --only ${quoted(finding.schedule)} -- ${operands.map(quoted).join(' ')}`,
      `wallet-sandbox replay ${quoted(fileOf(finding))}`,
    ]
    const onReport = async (report: Exploration, url: string) => {
      if (report.findings.length > 0) mkdirSync(folder, { recursive: true })
      for (const finding of report.findings) save(fileOf(finding), () => JSON.stringify(finding.capsule))
      save(junit, () => toJUnit(report))
      showInJob(() => toMarkdown(report))
      await streams.out(json ? JSON.stringify(report, null, 2) : toText(report, repeat))
      if (!keep || stopping.signal.aborted) return
      await streams.err(`wallet-sandbox: the runs with findings: ${url}/_sandbox/`)
      await stopped
    }
    const { findings } = await explore(
      commandFlow(operands),
      {
        ...Object.fromEntries(taken),
        ...(reconcile !== undefined && { reconcile: commandFlow(reconcile) }),
        signal: stopping.signal,
      },
      { port: flags.port === undefined ? 0 : port, host },
      onReport,
    )
    return findings.length > 0 ? 1 : stopping.signal.aborted && !keep ? 130 : 0
  },
})

/** As a shell has it. */
const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
