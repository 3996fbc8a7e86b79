import type { Vendor } from '../../src/api/vendor.js'
import { CONTROL_BASE } from '../../src/control/base.js'
import { VERSION } from '../../src/lib/version.js'
import { VENDORS } from '../../src/vendors/index.js'
import { controlPart } from './control.js'
import { refusalsOf } from './refusals.js'
import { vendorPart } from './vendors.js'

/** The OpenAPI documents that the build writes: one of everything, and one of each vendor at the vendor's own paths. */

const SANDBOX = { url: 'http://127.0.0.1:8080', description: 'A sandbox on this machine.' }

/** By tag. */
const SECURITY: Readonly<Record<string, readonly [name: string, scheme: object]>> = {
  juspay: [
    'juspayKey',
    { type: 'http', scheme: 'basic', description: 'The API key as user name, with an empty password.' },
  ],
  juicyway: ['juicywayKey', { type: 'http', scheme: 'bearer', description: 'The API key.' }],
  control: [
    'controlToken',
    { type: 'http', scheme: 'bearer', description: 'Where the sandbox was started with a control token.' },
  ],
}

const header = (description: string) => ({ description, schema: { type: 'string' } })

interface Part {
  readonly paths: Readonly<Record<string, object>>
  readonly schemas: Readonly<Record<string, object>>
  readonly responses?: Readonly<Record<string, object>>
}

const document = (title: string, description: string, tags: readonly string[], parts: readonly Part[]) => ({
  openapi: '3.1.0',
  info: {
    title,
    version: VERSION,
    description,
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [SANDBOX],
  tags: tags.map((name) => ({ name, description: TAGS[name] })),
  paths: Object.assign({}, ...parts.map(({ paths }) => paths)),
  components: {
    securitySchemes: Object.fromEntries(tags.map((tag) => SECURITY[tag]!)),
    headers: {
      Fidelity: header('What the answer rests on: published, observed or inferred.'),
      Reason: header('Why the request was refused, in one sentence.'),
    },
    responses: Object.assign({}, ...parts.map(({ responses }) => responses)),
    schemas: Object.assign({}, ...parts.map(({ schemas }) => schemas)),
  },
})

const TAGS: Readonly<Record<string, string>> = {
  juspay: "Juspay's wallet API.",
  juicyway: "Juicyway's wallet API.",
  control: 'What a test asks of the sandbox and steers in it.',
}

/** By the name of its file. */
export async function openApiDocuments(): Promise<Readonly<Record<string, object>>> {
  const refusals = await refusalsOf(VENDORS)
  const at = (vendor: Vendor, base: string) => vendorPart(vendor, base, refusals)
  const everything = document(
    'wallet-sandbox',
    "A mock server of Juspay's and Juicyway's wallet APIs. Each vendor's paths are here below its name; the sandbox serves them without it too.",
    Object.keys(TAGS),
    [...VENDORS.map((vendor) => at(vendor, `/${vendor.name}`)), controlPart(CONTROL_BASE)],
  )
  const each = VENDORS.map((vendor) => [
    `openapi.${vendor.name}.json`,
    document(`${vendor.name}, as wallet-sandbox serves it`, TAGS[vendor.name]!, [vendor.name], [at(vendor, '')]),
  ])
  return { 'openapi.json': everything, ...Object.fromEntries(each) }
}
