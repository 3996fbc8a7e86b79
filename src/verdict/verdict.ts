import type { Grade } from '../journal/entry.js'
import { redactorOf } from '../journal/redact.js'
import { performance } from '../lib/timers.js'
import { type Level, RULE_NAMES, type RuleName, type Strictness } from './levels.js'
import { RULES } from './rules/index.js'
import { type JudgeContext, type Judged, runOf } from './run.js'

/** One thing that the client did wrong. */
export interface Finding {
  readonly rule: RuleName
  readonly level: Exclude<Level, 'off'>
  /** One sentence. */
  readonly message: string
  /** Ids of the journal entries that show it, at most 20. */
  readonly requests: readonly number[]
  /** Null for requests of unknown merchants. */
  readonly merchant: string | null
  readonly grade: Grade
  /** The sentence that it breaks with its page, or what the rule was inferred from. */
  readonly source: string
}

export interface Verdict {
  /** The gravest level of the findings. */
  readonly verdict: 'ok' | 'warn' | 'fail'
  /** By merchant, then in the order of the rules. */
  readonly findings: readonly Finding[]
}

const MAX_REQUESTS = 20
/** Findings of one rule and merchant; more of them add nothing. */
const MAX_FINDINGS = 100

/** Judges what the clients of some merchants did, as far as the journals remember it. */
export function judge(
  merchants: readonly Judged[],
  { levels, attempts }: Strictness,
  facts: Omit<JudgeContext, 'attempts' | 'now'>,
): Verdict {
  const context = { ...facts, attempts, now: performance.now() }
  const findings = merchants.flatMap((merchant) => [...findingsOf(merchant, levels, context)])
  const isAny = (level: Level) => findings.some((finding) => finding.level === level)
  return { verdict: isAny('fail') ? 'fail' : isAny('warn') ? 'warn' : 'ok', findings }
}

function* findingsOf(merchant: Judged, levels: Strictness['levels'], context: JudgeContext): Generator<Finding> {
  const entries = merchant.journal.entries()
  if (entries.length === 0) return
  const run = runOf(merchant, entries, context)
  for (const rule of RULE_NAMES) {
    const level = levels[rule]
    if (level === 'off') continue
    const { find, evidence } = RULES[rule]
    let count = 0
    for (const { message, calls } of find(run)) {
      if (++count > MAX_FINDINGS) break
      const shown = calls.slice(0, MAX_REQUESTS)
      yield {
        rule,
        level,
        message: shown.reduce((text, { entry }) => redactorOf(entry)(text), message),
        requests: shown.map(({ entry }) => entry.id),
        merchant: merchant.id === '' ? null : merchant.id,
        grade: evidence.grade,
        source: evidence.source,
      }
    }
  }
}
