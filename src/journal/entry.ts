import type { ErrorName } from '../lib/errors.js'
import type { TraceStep } from '../scenarios/engine.js'
import type { Program } from '../scenarios/program.js'
import { type Changes, countOf } from '../wallets/changes.js'
import type { KnownKeys } from './known-keys.js'
import type { Presented } from './redact.js'

/** How well a behaviour is known: from the vendor's page, from an integrator's public post, or by our decision. */
export type Grade = 'published' | 'observed' | 'inferred'

/** The same, or when it was seen at the vendor: `observed, 2026-11-25`. */
export type ShownGrade = Grade | `observed, ${string}`

/** What a call is about, as far as is known. */
export interface About {
  readonly operation: string | null
  readonly customer: string | null
  readonly wallet: string | null
}

/** A call as it arrives. */
export interface Arrival extends Presented {
  /** A body may say more than the path, so it is found again once that is read. */
  about: About
  /** Epoch ms on the merchant's clock. */
  readonly at: number
  /** On `performance.now()`'s scale, to put the entries of several journals in order. */
  readonly arrivedAt: number
  /** The number of its connection; null in-process. */
  readonly connection: number | null
  /** Null where no vendor could be named. */
  readonly vendor: string | null
  /** Every API key of the sandbox, none of which is shown. */
  readonly knownKeys: KnownKeys
  readonly request: {
    readonly method: string
    readonly path: string
    /** Without the question mark. */
    readonly query: string
    /** As they came: names and values in turn, each on a line. One text is cheaper to keep than many. */
    readonly headers: string
  }
}

export interface Ended {
  readonly requestBody: string
  /** A fault that left no answer has status null. */
  readonly response: {
    readonly status: number | null
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
  /** Why the call was refused. */
  readonly reason: string | null
  /** Null where the scenario made the answer up or spoiled it. */
  readonly grade: ShownGrade | null
  /** The vendor's page, or what else the grade rests on. */
  readonly source: string | null
  /** The scenario's rules that were tried; null where there were none, or they had to make room. */
  readonly trace: { readonly program: Program; readonly trace: readonly TraceStep[] } | null
  /** Name of the scenario rule that fired. */
  readonly rule: string | null
  readonly fault: string | null
  /** The delay in ms as drawn; null when no model applied. */
  readonly intendedMs: number | null
  /** From arrival to answer, in ms. */
  readonly measuredMs: number
  readonly warnings: readonly string[]
  readonly facts: Facts
  /** Null where it changed nothing, or its bodies had to make room. */
  readonly changes: Changes | null
}

/** When a call was handled, and what the journal leaves out: a capsule repeats it from this. */
export interface Turn {
  /** Its place among all of the merchant's calls and changes. */
  readonly sequence: number
  /** Epoch ms on the merchant's clock: the instant of everything in it. */
  readonly at: number
  /** Scheme and host that the client addressed. */
  readonly hostUrl: string
  /** Why the text of its body is not the body. */
  readonly unread: 'too large' | 'broken off' | 'undecoded' | undefined
}

/** What the verdict needs to know of a call beside what its entry shows. */
export interface Facts {
  readonly refusal: ErrorName | null
  /** Wallets of the answer whose provider holds another balance than the one shown. */
  readonly outdated: readonly string[]
  /** Whether the answer's signature is wrong, as the scenario wanted. */
  readonly tampered: boolean
  readonly held: Held | null
}

/** How a held call goes on: with its answer, without it, or with an error in its place. */
export type Release = 'answer' | 'lose' | { readonly error: ErrorName }

/** By which rule a call was held, and how it was released: what a capsule repeats. */
export interface Held {
  readonly rule: string
  readonly release: Release
}

export const NO_FACTS: Facts = { refusal: null, outdated: [], tampered: false, held: null }

/** The facts of a call that ended without any. */
export const UNEVENTFUL = {
  reason: null,
  grade: null,
  source: null,
  trace: null,
  rule: null,
  fault: null,
  intendedMs: null,
  warnings: [],
  facts: NO_FACTS,
  changes: null,
} satisfies Partial<Ended>

/** One call in a journal; without an ending while it is under way. */
export interface Entry extends Arrival {
  /** Counts the merchant's calls from 1, anew once the journal is emptied. */
  readonly id: number
  /** Counts the finished calls of the sandbox from 1; 0 while it is under way. */
  finishedAs: number
  ended: Ended | undefined
  /** Undefined until it is handled. */
  turn: Turn | undefined
  /** When the client gave up waiting, in ms from arrival; null while it has not. */
  hungUpMs: number | null
}

/** What an entry takes beside its texts, about. */
const ENTRY_BYTES = 1024

export const headBytes = ({ request: { path, query, headers } }: Entry): number =>
  ENTRY_BYTES + path.length + query.length + headers.length

/** What a rule that matched adds, about. */
const RULE_BYTES = 64

/** What a thing that changed adds, about. Its texts are those of the body, or of what was there before. */
const CHANGE_BYTES = 512

/** Bodies, and what the rules of a scenario made of the call: what is let go first. */
export function bodyBytes({ ended }: Entry): number {
  if (ended === undefined) return 0
  const { requestBody, response, trace, changes } = ended
  const bodies = Buffer.byteLength(requestBody) + Buffer.byteLength(response.body)
  return bodies + RULE_BYTES * (trace ? matchedRules(trace.trace) : 0) + CHANGE_BYTES * (changes ? countOf(changes) : 0)
}

const matchedRules = (trace: readonly TraceStep[]) => trace.reduce((sum, { matched }) => sum + matched.length, 0)

/** What an entry takes in memory, in bytes, about. */
export const bytesOf = (entry: Entry): number => headBytes(entry) + bodyBytes(entry)
