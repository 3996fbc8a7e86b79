import type { Sandbox } from '../index.js'

/** Where jest's set-up leaves the server for its tear-down: both run in one process, and share nothing else. */
export const server = globalThis as typeof globalThis & { __walletSandbox?: Sandbox | undefined }

/** The variable that tells jest's workers where the server listens. */
export const URL_VARIABLE = 'JEST_WALLET_SANDBOX_URL'
