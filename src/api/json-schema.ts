/** A JSON Schema, as far as requests and answers need one. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly [keyword: string]: unknown
}
