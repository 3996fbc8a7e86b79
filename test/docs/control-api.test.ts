import { expect, test } from 'vitest'
import { CONTROL_STATUS } from '../../src/control/errors.js'
import { RESET_PARTS } from '../../src/merchants/merchant.js'
import { ask, control, sandboxFor, WALLET } from '../control/helpers.js'
import { codes, section, tableRows } from './pages.js'

const PAGE = 'docs/control-api.md'

/** Every request that the control API serves, as the pages write them. */
async function served(): Promise<string[]> {
  const sandbox = await sandboxFor()
  const { body } = await control(sandbox, 'GET', '/nothing')
  const paths: string[] = body.error.message.split('for one merchant: ')[1].slice(0, -1).split(', ')
  const requests = paths.map(async (path) => {
    const { headers } = await control(sandbox, 'PATCH', path.replace(/\{\w+\}/, 'acme'))
    const methods = headers.get('allow')!.split(', ')
    const isOne = (await control(sandbox, 'PATCH', `/merchants/acme${path.replace(/\{\w+\}/, 'x')}`)).status === 405
    const shown = path.replace('{wallet}', '{id}')
    return methods
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${isOne ? '…' : '/_sandbox'}${shown}`)
  })
  return (await Promise.all(requests)).flat().sort()
}

test('the table has every request', async () => {
  const [table] = section(PAGE, 'Requests').split('\n### ')
  const named = tableRows(table!).flatMap(([cell]) => codes(cell!))
  expect(named.sort()).toEqual(await served())
})

test('the library has every method of the table', async () => {
  const sandbox = await sandboxFor()
  const [table] = section(PAGE, 'Requests').split('\n### ')
  for (const [, cell] of tableRows(table!)) {
    const path = codes(cell!)[0]!.split('(')[0]!.split('.')
    const method = path.reduce<unknown>((on, name) => (on as Record<string, unknown>)[name], sandbox.control)
    expect([cell, typeof method]).toEqual([cell, 'function'])
  }
})

test('the table of parts names what a reset can take back', () => {
  const named = tableRows(section(PAGE, 'Reset')).map(([cell]) => codes(cell!)[0])
  expect(named).toEqual(['state', 'scenario', 'clock', 'counters', 'journal'])
  expect(named).toEqual(expect.arrayContaining([...RESET_PARTS]))
})

test('the table of errors has every code with its status', () => {
  const rows = tableRows(section(PAGE, 'Errors')).map(([cell, status]) => [codes(cell!)[0], Number(status)])
  expect(rows).toEqual(Object.entries(CONTROL_STATUS))
})

test('each body for the clock does what the table says', async () => {
  const sandbox = await sandboxFor()
  const rows = tableRows(section(PAGE, 'Clock'))
  expect(rows).toHaveLength(4)
  for (const [cell, outcome] of rows) {
    const { status, body } = await control(sandbox, 'PUT', '/clock', codes(cell!)[0])
    expect([cell, status, body.mode]).toEqual([cell, 200, outcome!.startsWith('stands') ? 'frozen' : 'real'])
  }
})

test('the table of the journal names every field of an entry', async () => {
  const sandbox = await sandboxFor()
  await ask(sandbox, WALLET)
  const { requests } = await sandbox.control.requests.get()
  const named = tableRows(section(PAGE, 'The journal')).flatMap(([cell]) => codes(cell!))
  expect(named.sort()).toEqual(Object.keys(requests[0]!).sort())
})
