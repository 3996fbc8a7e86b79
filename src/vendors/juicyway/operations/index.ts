import type { Operation } from '../../../api/vendor.js'
import { transactionOperations } from './transactions.js'
import { walletOperations } from './wallets.js'

/** Every call of the vendor's wallet API. */
export const operations: readonly Operation[] = [...walletOperations, ...transactionOperations]
