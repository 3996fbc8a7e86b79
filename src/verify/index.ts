import { load } from '../lib/load.js'
import { requirePlatform } from '../lib/platform.js'
import type { VerifyOptions, VerifyReport } from './verify.js'

export type { Divergence } from './compare.js'
export type { CheckResult, VerifyOptions, VerifyReport } from './verify.js'

/**
 * Holds a server against what the sandbox knows of the vendor: status, keys and their order, types, formats, headers and
 * error bodies. It reads only, unless `writes` says otherwise.
 *
 * @example
 * const report = await verify({ baseUrl: 'https://sandbox.juspay.in', key: process.env.JUSPAY_KEY!, customer: 'cst_1' })
 *
 * @throws InputError when an option cannot be used, or the server does not answer
 */
export const verify = async (options: VerifyOptions): Promise<VerifyReport> => {
  requirePlatform('verify')
  const module = await load(() => import('./verify.js'))
  return module.verify(options)
}
