import type { Vendor } from '../api/vendor.js'
import { juicyway } from './juicyway/index.js'
import { juspay } from './juspay/index.js'

/** Every API dialect served. The first answers where a request fits several. */
export const VENDORS: readonly Vendor[] = [juspay, juicyway]
