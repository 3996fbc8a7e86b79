import { SETTINGS, text } from '../config.js'
import { InputError } from '../lib/errors.js'
import { jsonOf } from '../lib/json.js'
import { counted, escapeControls } from '../lib/text.js'
import type { Finding, Verdict } from '../verdict/verdict.js'
import { JSON_OUT, JUNIT, withFlags } from './command.js'
import { publish } from './report.js'
import { ask, SERVER, serverUrl } from './server.js'

/** How long a server may take to judge a full journal, in ms. */
const TIMEOUT_MS = 30_000

const textFlag = (flag: string, value: string, fallback: string, meaning: string) =>
  text(value, meaning, `a text, such as ${flag} ${value}`, fallback)

export const verdict = withFlags({
  usage: 'verdict',
  meaning: 'Say what a client did wrong at a running sandbox; exit 1 when a rule of level fail is broken',
  flags: {
    ...SERVER,
    controlToken: SETTINGS.controlToken,
    verdict: SETTINGS.verdict,
    url: textFlag('--url', 'URL', 'the server of --host and --port', 'URL of a running sandbox'),
    token: textFlag('--token', 'TOKEN', '--control-token', 'Its control token'),
    merchant: textFlag('--merchant', 'ID', 'every merchant', 'The merchant whose client is judged'),
    json: JSON_OUT,
    junit: JUNIT,
  },
  async run({ own, flags, written: { verdict: levels }, streams }) {
    const token = own.token ?? own.controlToken
    const merchant = own.merchant === undefined ? '' : `/merchants/${encodeURIComponent(own.merchant)}`
    const query = levels === undefined ? '' : `?levels=${encodeURIComponent(String(levels))}`
    const base = own.url === undefined ? serverUrl(flags, own) : baseOf(own.url)
    const url = `${base}/_sandbox${merchant}/verdict${query}`
    const reply = await ask(url, TIMEOUT_MS, token === undefined ? {} : { authorization: `Bearer ${token}` })
    if (reply === undefined) throw new InputError(`nothing answers at ${base}; allowed: the URL of a running sandbox`)
    const judged = jsonOf(reply.text) as Verdict | undefined
    if (judged?.findings === undefined) throw new InputError(`${base} ${refusalOf(reply.status, reply.text)}`)
    const lines = table(judged)
    const forms = { lines, data: judged, cases: casesOf(judged), markdown: ['```', ...lines, '```'] }
    await publish({ title: 'wallet-sandbox verdict', ...forms }, own, streams)
    return judged.verdict === 'fail' ? 1 : 0
  },
})

function baseOf(url: string): string {
  if (!/^https?:/.test(url) || !URL.canParse(url))
    throw new InputError(`--url is "${url}"; allowed: a URL such as http://127.0.0.1:8080`)
  const { origin, pathname } = new URL(url)
  // A sandbox behind a balancer may have a path; that of its inspector is as good.
  return origin + pathname.replace(/\/+(_sandbox\/*)?$/, '')
}

/** Why a server refuses, in its words where it is a sandbox. */
function refusalOf(status: number | undefined, text: string): string {
  const { error } = (jsonOf(text) ?? {}) as { error?: { message: string } }
  return `answered ${status}${error ? `: ${error.message}` : ' and no verdict; allowed: the URL of a running sandbox'}`
}

/** A case for each finding, and one that passes where there is none. */
const casesOf = ({ findings }: Verdict) => [
  ...findings.map((finding) => ({
    group: finding.rule,
    name: whereOf(finding),
    ...(finding.level === 'fail' ? { failures: [finding.message] } : { skipped: `warning: ${finding.message}` }),
  })),
  ...(findings.length === 0 ? [{ group: 'verdict', name: 'ok' }] : []),
]

function table({ verdict, findings }: Verdict): string[] {
  const width = Math.max(0, ...findings.map(({ rule }) => rule.length)) + 2
  const lines = findings.flatMap((finding) => {
    const indent = ' '.repeat(6 + width)
    return [
      `${finding.level.padEnd(6)}${finding.rule.padEnd(width)}${finding.message}`,
      `${indent}${whereOf(finding)}`,
      `${indent}${finding.grade}: ${finding.source}`,
    ].map(escapeControls)
  })
  return [...lines, `verdict: ${verdict} (${counted(findings.length, 'finding')})`]
}

const whereOf = ({ merchant, requests }: Finding) =>
  `${merchant === null ? 'no merchant' : `merchant ${merchant}`}, requests ${requests.join(', ')}`
