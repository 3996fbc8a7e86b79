import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { variableOf } from '../../src/config.js'
import { BIN, command, type Environment, serve } from '../spawn.js'
import { read } from './pages.js'

/** Starts what the files for container engines name, without an engine: the image's command, with the file's variables. */

const folder = mkdtempSync(join(tmpdir(), 'wallet-sandbox-containers-'))
afterAll(() => rmSync(folder, { recursive: true }))

const example = (name: string) => parse(read(join('docs/examples', name)))
const compose = example('compose.yaml').services
const { test: github } = example('.github/workflows/example.yml').jobs
const { test: gitlab } = example('gitlab-ci.yml')

/** The arguments of an image's process that begins as the entry point does. */
const argvOf = (words: readonly string[]) => {
  expect(words.slice(0, 2)).toEqual(['node', '/app/dist/bin.js'])
  return words.slice(2)
}

/** What an instruction of the Dockerfile that holds a list says. */
const instruction = (name: string): string[] =>
  JSON.parse(new RegExp(`^${name} .*?(\\[.*\\])$`, 'm').exec(read('Dockerfile'))![1]!)

const IMAGE_HEALTH = instruction('HEALTHCHECK')
const curls = (steps: readonly string[]) => steps.filter((step) => step?.startsWith('curl '))

interface Example {
  readonly env: Environment
  readonly health: readonly string[]
  readonly requests: readonly string[]
  readonly key: string
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  'compose.yaml': {
    env: compose.wallets.environment,
    health: compose.wallets.healthcheck.test.slice(1),
    requests: curls([compose.tests.command]),
    key: 'sandbox_compose_job',
  },
  '.github/workflows/example.yml': {
    env: github.services.wallets.env,
    health: IMAGE_HEALTH,
    requests: curls(github.steps.map(({ run }: { run: string }) => run)),
    key: 'sandbox_github_job',
  },
  'gitlab-ci.yml': {
    env: gitlab.services[0].variables,
    health: IMAGE_HEALTH,
    requests: curls(gitlab.script),
    key: 'sandbox_gitlab_job',
  },
}

test.each(Object.entries(EXAMPLES))(
  'what %s starts is healthy, and its request passes without a warning',
  async (_, { env, health, requests, key }) => {
    const environment = {
      ...env,
      [variableOf('host')]: '0.0.0.0',
      [variableOf('urlFile')]: join(folder, key),
      [variableOf('log')]: 'silent',
    }
    const server = serve(argvOf(instruction('ENTRYPOINT')), environment)
    try {
      const { port } = new URL(await server.url())
      expect(await command(argvOf(health), environment, BIN)).toMatchObject({ status: 0, err: '' })
      expect(requests).toHaveLength(1)
      // The name of the service is that of this machine.
      const connect = `--silent --connect-to ::127.0.0.1:${port}`
      const text = requests[0]!.replace(/^curl /, `curl ${connect} `)
      const { stdout } = await promisify(execFile)('sh', ['-c', text])
      expect(['list', 'wallet_account']).toContain(JSON.parse(stdout).object)
      const journal = await fetch(`http://127.0.0.1:${port}/_sandbox/merchants/${key}/requests`)
      const [{ response, warnings }] = (
        (await journal.json()) as { requests: [{ response: object; warnings: string[] }] }
      ).requests
      expect(response).toMatchObject({ status: 200 })
      if (env[variableOf('strict')] === 'true') expect(warnings).toEqual([])
    } finally {
      await server.stop()
    }
  },
)

test('the variables of the Testcontainers recipe start it', async () => {
  const text = /withEnvironment\(\{ (.*) \}\)/.exec(read('docs/examples/testcontainers.ts'))![1]!
  const variables = Object.fromEntries(
    Array.from(text.matchAll(/(\w+): '(.*?)'/g), ([, name, value]) => [name!, value!]),
  )
  expect(variables).toHaveProperty(variableOf('latency'), 'off')
  const server = serve([], variables)
  expect(await server.url()).toMatch(/^http/)
  await server.stop()
})
