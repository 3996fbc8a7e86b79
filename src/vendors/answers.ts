import type { OperationAnswers } from '../api/json-schema.js'
import type { VendorName } from '../fixtures/key-lists.js'
import { answers as juicyway } from './juicyway/answers.js'
import { answers as juspay } from './juspay/answers.js'

/** How the operations of each vendor answer. Loaded by nothing that serves. */
export const ANSWERS: Readonly<Record<VendorName, OperationAnswers>> = { juspay, juicyway }
