import type { ClockReading } from '../../control/clock.js'
import type { Control } from '../../control/control.js'
import type { LatencyReport } from '../../control/latency.js'
import type { OrderTimeline } from '../../control/timeline.js'
import type { WalletView } from '../../control/wallets.js'
import type { JournalEntry } from '../../journal/journal-entry.js'
import type { HeldCall } from '../../merchants/holds.js'
import type { ShippedScenario } from '../../scenarios/read.js'
import type { Verdict } from '../../verdict/verdict.js'
import type { Delivery } from '../../webhooks/webhooks.js'

/** What the control API answers, in the words of the library's types. */

export type { ClockReading, Delivery, HeldCall, OrderTimeline, ShippedScenario, Verdict, WalletView }
export type Entry = JournalEntry
export type Change = Entry['changes'][number]
export type Latency = LatencyReport
export type OperationLatency = LatencyReport['operations'][string]
export type MerchantView = Awaited<ReturnType<Control['merchants']['list']>>['merchants'][number]
export type Scenario = Awaited<ReturnType<Control['scenario']['get']>>
export type Rule = Scenario['rules'][number]
