/** Where a fixture keeps the API keys of each vendor. A vendor is named here, and the compiler asks for the rest. */
export const KEY_LISTS = { juspay: 'juspayApiKeys', juicyway: 'juicywayApiKeys' } as const

export type VendorName = keyof typeof KEY_LISTS
export type KeyListName = (typeof KEY_LISTS)[VendorName]

export const VENDOR_NAMES = Object.keys(KEY_LISTS) as readonly VendorName[]

/** Something of each vendor's. */
export function perVendor<Value>(make: (vendor: VendorName) => Value): Record<VendorName, Value> {
  return Object.fromEntries(VENDOR_NAMES.map((vendor) => [vendor, make(vendor)])) as Record<VendorName, Value>
}
