import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { basic, raw, sandboxFor } from '../control/helpers.js'

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The only block of a language in a section. */
function example(section: string, language: string): string {
  const [, text = ''] = README.split(`\n## ${section}\n`)
  return new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(text.split('\n## ')[0]!)![1]!
}

/** A request as a curl command says it. */
function parsed(command: string) {
  const option = (flag: string) => new RegExp(` -${flag} (?:'([^']*)'|(\\S+))`).exec(command)
  const value = (flag: string) => option(flag)?.[1] ?? option(flag)?.[2]
  const header = value('H')?.split(': ')
  const user = value('u')
  return {
    path: /localhost:8080(\S+)/.exec(command)![1]!,
    method: value('X') ?? 'GET',
    headers: { ...(header ? { [header[0]!]: header[1]! } : {}), ...(user ? basic(user.slice(0, -1)) : {}) },
    ...(value('d') === undefined ? {} : { body: value('d')! }),
  }
}

test('the commands do what they say', async () => {
  const url = await (await sandboxFor()).listen()
  const commands = example('Control API', 'sh').replaceAll('\\\n', ' ').trim().split('\n').map(parsed)
  const answers = []
  for (const { path, ...request } of commands) answers.push(await raw(`${url}${path}`, request))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(JSON.parse(answers[2]!.text).rules[0]).toMatchObject({ name: '401', matched: 1, fired: 0 })
})

test('the code does what it says', async () => {
  const sandbox = await sandboxFor()
  const { requests } = await runInNewContext(
    `(async () => { ${example('Control API', 'ts')}; return { requests } })()`,
    {
      sandbox,
    },
  )
  expect(requests).toEqual([])
  const merchant = sandbox.control.merchant('sandbox_my_test')
  expect((await merchant.clock.get()).now).toBe('2023-09-11T08:46:00.000Z')
  expect(await merchant.wallet('wlt_q23xzki3pazgtezo')).toMatchObject({ provider: { balance: 95.5 } })
})

test('the table of requests names every one', async () => {
  const sandbox = await sandboxFor()
  const { error } = (await (await sandbox.fetch('http://x/_sandbox/nothing')).json()) as { error: { message: string } }
  const paths = error.message.split('for one merchant: ')[1]!.slice(0, -1).split(', ')
  expect(paths).toHaveLength(13)
  for (const path of paths)
    expect(README).toMatch(
      new RegExp(`\`[A-Z]+ (/_sandbox|…)${path.replace(/[{}]/g, '\\$&').replace('{wallet\\}', '{id\\}')}\``),
    )
})
