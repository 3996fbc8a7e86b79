// The types of the CommonJS build. msw's own differ by module system.
import type { HttpHandler } from 'msw'
import type * as module from './msw.js' with { 'resolution-mode': 'import' }

export type VendorUrls = module.VendorUrls
export declare function handlers(...given: Parameters<typeof module.handlers>): HttpHandler[]
