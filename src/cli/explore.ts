import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { anyText, flagOf, omit, onOff, SETTINGS, setting, text } from '../config.js'
import { EXPLORE } from '../explore/options.js'
import type { Exploration, ExploreFinding } from '../explore/report.js'
import { InputError } from '../lib/errors.js'
import { makeFolder } from '../lib/folders.js'
import { JSON_OUT, JUNIT, save, withFlags } from './command.js'
import { publish } from './report.js'
import { stopSignal } from './signals.js'

const RECONCILE = text(
  'COMMAND',
  'Runs after a run that exits with 75, as a nightly job does',
  'a command for the shell',
)

/** What a run depends on; the other flags choose among the schedules, or say where to write. */
const SAME = {
  ...omit(EXPLORE, 'depth', 'jobs', 'max', 'only', 'faults', 'operations', 'races', 'twice', 'controlToken'),
  reconcile: RECONCILE,
}

export const explore = withFlags({
  usage: 'explore [flags] -- COMMAND…',
  meaning: 'Run a command again with each fault at each of its calls; exit 1 when one does harm',
  takesOperands: true,
  flags: {
    port: SETTINGS.port,
    host: SETTINGS.host,
    ...EXPLORE,
    reconcile: RECONCILE,
    findings: setting({
      value: 'FOLDER',
      fallback: 'explore-findings',
      allowed: 'a folder',
      meaning: 'Where the capsule of each finding is written',
      parse: anyText,
    }),
    keep: onOff('Serve on after the report, with the runs that found something in the inspector'),
    json: JSON_OUT,
    junit: JUNIT,
  },
  defaults: { port: '0', scenario: 'instant', clock: 'frozen at the time of the start' },
  async run({ operands, own, flags, written, streams }) {
    if (operands.length === 0) throw new InputError('explore needs a command; allowed: explore [flags] -- COMMAND…')
    const { port, host, reconcile, findings: folder, keep } = own
    const stopping = new AbortController()
    const stopped = stopSignal().then(() => stopping.abort())
    const { explore } = await import('../explore/explore.js')
    const { commandFlow } = await import('./command-flow.js')
    const { tablesOf, toText } = await import('../explore/report.js')
    const { fileNameOf } = await import('../explore/schedules.js')
    const fileOf = ({ schedule }: ExploreFinding) => join(folder, `${fileNameOf(schedule)}.capsule.json`)
    const again = Object.entries(SAME).flatMap(([name, { value }]) => {
      if (flags[name] === undefined) return []
      return value === undefined ? [flagOf(name)] : [flagOf(name), quoted(String(flags[name]))]
    })
    const repeat = (finding: ExploreFinding) => [
      ['wallet-sandbox explore', ...again, `--only ${quoted(finding.schedule)} --`, ...operands.map(quoted)].join(' '),
      `wallet-sandbox replay ${quoted(fileOf(finding))}`,
    ]
    const onReport = async (report: Exploration, url: string) => {
      const lines = [toText(report, repeat)]
      const forms = { lines, data: report, cases: casesOf(report), markdown: markdownOf(report, tablesOf(report)) }
      try {
        for (const finding of report.findings)
          save(fileOf(finding), () => JSON.stringify(finding.capsule), writeWithFolder)
      } finally {
        await publish({ title: 'wallet-sandbox explore', ...forms }, own, streams)
      }
      if (!keep || stopping.signal.aborted) return
      await streams.err(`wallet-sandbox: the runs with findings: ${url}/_sandbox/`)
      await stopped
    }
    const { findings } = await explore(
      commandFlow(operands),
      {
        ...Object.fromEntries(Object.entries(written).filter(([name]) => Object.hasOwn(EXPLORE, name))),
        ...(reconcile !== undefined && { reconcile: commandFlow(reconcile) }),
        signal: stopping.signal,
      },
      { port: flags.port === undefined ? 0 : port, host },
      onReport,
    )
    return findings.length > 0 ? 1 : stopping.signal.aborted && !keep ? 130 : 0
  },
})

function writeWithFolder(file: string, text: string): void {
  makeFolder(dirname(file))
  writeFileSync(file, text)
}

const casesOf = ({ schedules, findings }: Exploration) =>
  schedules.map(({ name, cell, mark }) => ({
    group: cell?.[0] ?? 'flow',
    name,
    failures: findings.filter(({ schedule }) => schedule === name).map(({ message }) => message),
    skipped: mark === 'not reached' ? 'the flow ended before it' : undefined,
  }))

function markdownOf({ findings, notes, summary }: Exploration, tables: readonly string[][][]): string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const lines = tables.flatMap(([head, ...rows]) => [
    row(head!),
    row(head!.map((_, i) => (i === 0 ? '---' : ':-:'))),
    ...rows.map(row),
    '',
  ])
  return [...lines, ...findings.map(({ message }) => `- ✗ ${message}`), ...notes, '', summary]
}

/** As a shell has it. */
const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
