// The types of the CommonJS build: those of the ES module.
import type * as module from './jest.js' with { 'resolution-mode': 'import' }

export type TestSandbox = module.TestSandbox
export declare const withSandbox: typeof module.withSandbox
