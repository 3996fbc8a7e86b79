import type { Operation } from '../../../api/vendor.js'
import { customerOperations } from './customers.js'
import { eligibilityOperations } from './eligibility.js'
import { linkingOperations } from './linking.js'
import { orderOperations } from './orders.js'
import { topUpOperations } from './top-ups.js'
import { txnOperations } from './txns.js'
import { walletOperations } from './wallets.js'

/** Every call of the vendor's API that the sandbox serves. */
export const operations: readonly Operation[] = [
  ...walletOperations,
  ...linkingOperations,
  ...topUpOperations,
  ...customerOperations,
  ...eligibilityOperations,
  ...orderOperations,
  ...txnOperations,
]
