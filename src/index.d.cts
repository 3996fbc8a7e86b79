// The types of the CommonJS build: those of the ES module.
import type * as module from './index.js' with { 'resolution-mode': 'import' }

export type * from './index.js' with { 'resolution-mode': 'import' }
export type InputError = module.InputError
export declare const createSandbox: typeof module.createSandbox
export declare const InputError: typeof module.InputError
export declare const record: typeof module.record
export declare const verify: typeof module.verify
