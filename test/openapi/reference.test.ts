import { expect, test } from 'vitest'
import { REFERENCE_FILES, referenceOnDisk } from '../../scripts/reference.js'
import { createSandbox } from '../../src/index.js'
import { VENDORS } from '../../src/vendors/index.js'

test.each(Object.entries(REFERENCE_FILES))('%s is as npm run reference writes it', (file, text) => {
  expect(referenceOnDisk(file)).toBe(text())
})

interface Request {
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

function requestsOf(collection: string): Request[] {
  const [, ...sections] = collection.split(/^### /m)
  return sections.map((section) => {
    const [head = '', body = ''] = section.split(/\n\n/)
    const [title = '', line = '', ...headers] = head.split('\n')
    const [method = '', path = ''] = line.split(' ')
    return {
      operation: title.slice(0, title.indexOf(':')),
      method,
      path: path.replace('{{url}}', ''),
      headers: Object.fromEntries(headers.map((header) => header.split(/: /) as [string, string])),
      body: body.trim(),
    }
  })
}

test('every request of the collection succeeds, one after the other', async () => {
  const requests = requestsOf(referenceOnDisk('docs/examples/wallet-sandbox.http'))
  await using sandbox = await createSandbox({ latency: 'off' })
  const refused: string[] = []
  for (const { operation, method, path, headers, body } of requests) {
    const { status } = await sandbox.fetch(`http://x${path}`, { method, headers, ...(body !== '' && { body }) })
    const { requests: journal } = await sandbox.control.requests.get({ limit: 1 })
    expect(journal[0]!.operation).toBe(operation)
    if (status >= 300) refused.push(`${operation} ${status} ${journal[0]!.reason}`)
  }
  const all = VENDORS.flatMap(({ operations }) => operations.filter(({ belongsTo }) => belongsTo === undefined))
  expect(requests.map(({ operation }) => operation).toSorted()).toEqual(all.map(({ id }) => id).toSorted())
  expect(refused).toEqual([])
})
