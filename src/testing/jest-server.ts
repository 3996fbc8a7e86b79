import type { Sandbox } from '../index.js'

/** Where jest's set-up leaves the server for its tear-down: both run in one process, and share nothing else. */
export const server = globalThis as typeof globalThis & { __walletSandbox?: Sandbox | undefined }

/** The variable that holds the server's URL for jest's workers. */
export const URL_VARIABLE = 'JEST_WALLET_SANDBOX_URL'
