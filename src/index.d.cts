// The types of the CommonJS build: those of the ES module.
import type * as module from './index.js' with { 'resolution-mode': 'import' }

export type Control = module.Control
export type Finding = module.Finding
export type Fixtures = module.Fixtures
export type JournalEntry = module.JournalEntry
export type LogFormat = module.LogFormat
export type MerchantControl = module.MerchantControl
export type Options = module.Options
export type Sandbox = module.Sandbox
export type Scenario = module.Scenario
export type Verdict = module.Verdict
export type CheckResult = module.CheckResult
export type Divergence = module.Divergence
export type VerifyOptions = module.VerifyOptions
export type VerifyReport = module.VerifyReport
export type InputError = module.InputError
export type Recorder = module.Recorder
export type Recording = module.Recording
export type RecordOptions = module.RecordOptions
export declare const createSandbox: typeof module.createSandbox
export declare const InputError: typeof module.InputError
export declare const record: typeof module.record
export declare const verify: typeof module.verify
