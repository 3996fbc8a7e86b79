import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { basic } from '../control/helpers.js'
import { blocks, read } from '../docs/pages.js'
import { every } from '../every.js'
import { addressesOf } from '../http/addresses.js'
import { expectQuiet, inBrowser, newPage, watch } from '../inspector/browser.js'
import { receiver } from '../webhooks/support.js'
import { BALANCERS, type Balancer, balance, isHere, type Replica, replicas } from './fleet.js'

const PUBLIC = 'https://sandbox.example.com'
const FLAGS = [
  ...['--clock', '2023-09-11T08:30:00Z', '--seed', '7', '--latency', 'virtual'],
  ...['--public-url', PUBLIC],
]

const agent = new Agent({ keepAlive: true, maxSockets: 60 })
afterAll(() => agent.destroy())

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

function send(url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent }, async (response) => {
      let text = ''
      try {
        for await (const piece of response.setEncoding('utf8')) text += piece
        resolve({ status: response.statusCode!, headers: response.headers, text })
      } catch (error) {
        reject(error as Error)
      }
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

/** What a client can tell an answer by; a balancer puts its own name and its own connection beside it. */
const seen = ({ status, headers, text }: Answer) => {
  const { 'content-type': type, location } = headers
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-sandbox-'))
  return { status, type, location, own: Object.fromEntries(own.sort()), text }
}

/** A merchant's whole session: both vendors, the control API, pages, and what is refused. */
async function session(base: string, key: string): Promise<unknown[]> {
  const answers: unknown[] = []
  const ask = async (path: string, sent: Sent = {}) => {
    const answer = await send(`${base}${path}`, sent)
    answers.push([path, seen(answer)])
    return answer
  }
  const own = (path: string, fields?: Record<string, string>) =>
    ask(path, {
      headers: { ...basic(key), ...FORM },
      ...(fields && { method: 'POST', body: form(fields) }),
    })
  const control = `/_sandbox/merchants/${key}`
  await own('/customers/guest_user/wallets')
  await own('/wallets/wlt_q23xzki3pazgtezo?command=refresh')
  await own('/wallets/wlt_none')
  await ask('/wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7', { headers: { authorization: `Bearer ${key}` } })
  await ask('/juicyway/customers', { headers: { authorization: `Bearer ${key}` } })
  await ask(`${control}/clock/advance`, { method: 'POST', headers: JSON_TYPE, body: '{"by":"5m"}' })
  const scenario = { name: 'own', rules: [{ name: 'second', when: { nth: 2 }, effect: { error: 'rate_limited' } }] }
  await ask(`${control}/scenario`, { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(scenario) })
  for (let n = 0; n < 3; n++) await own('/customers/guest_user/wallets/refresh-balances')
  await ask(`${control}/scenario`, { method: 'DELETE' })
  const page = async (address: string, outcome?: string) =>
    ask(
      address.slice(PUBLIC.length),
      outcome === undefined ? {} : { method: 'POST', headers: FORM, body: form({ outcome }) },
    )
  const addresses = await addressesOf(async (path, fields) => {
    const { text, headers } = await own(path, fields)
    return { text, location: headers.location ?? null }
  })
  for (const address of Object.values(addresses)) await page(address)
  await page(addresses['payment_links of a session']!, 'pay')
  await ask(`${control}/requests/count`, { method: 'POST', headers: JSON_TYPE, body: '{"match":{"status":200}}' })
  const { text } = await own('/customers/customer@gmail.com?options.get_client_auth_token=true')
  const token = JSON.parse(text).juspay.client_auth_token
  await ask(`/orders/tea-1?client_auth_token=${token}`, { headers: { 'x-merchantid': key } })
  await ask(`${control}/state`)
  await ask(`/merchants/${key}/paymentmethods`)
  return answers
}

/** Runs something for each key, so many at once. */
async function forAll<Result>(keys: readonly string[], atOnce: number, run: (key: string) => Promise<Result>) {
  const results = new Map<string, Result>()
  const left = keys.values()
  const worker = async () => {
    for (const key of left) results.set(key, await run(key))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}

const KEYS = Array.from({ length: 300 }, (_, n) => `sandbox_shop-${n}`)
/** Enough to compare in full; the others are asked for their wallets. */
const COMPARED = KEYS.slice(0, 20)

const merchantsOf = async ({ url }: { readonly url: string }) =>
  (JSON.parse((await send(`${url}/_sandbox/merchants`)).text).merchants as { id: string }[])
    .map(({ id }) => id)
    .filter((id) => id.startsWith('sandbox_'))

/** What one sandbox answers each merchant without a balancer. */
let direct: ReadonlyMap<string, unknown[]>
beforeAll(async () => {
  const [alone] = (await replicas(1, () => FLAGS)) as [Replica]
  direct = await forAll(COMPARED, 20, (key) => session(alone.url, key)).finally(() => alone.end())
})

describe.each(BALANCERS)('%s', (name) => {
  describe.skipIf(!isHere(name))(
    isHere(name) ? 'in front of three sandboxes' : `${name} is not here: apt-get install ${name}`,
    () => {
      let fleet: Replica[]
      let balancer: Balancer
      beforeAll(async () => {
        const data = () => ['--data', mkdtempSync(join(tmpdir(), 'replica-'))]
        fleet = await replicas(3, () => [...FLAGS, ...data()])
        balancer = await balance(name, fleet)
      })
      afterAll(async () => {
        await balancer?.end()
        for (const replica of fleet ?? []) await replica.end()
      })

      test('each merchant is in one process alone, and answers as it does without a balancer', async () => {
        const through = await forAll(COMPARED, 20, (key) => session(balancer.url, key))
        await every(COMPARED, (key) => expect(through.get(key)).toEqual(direct.get(key)))
        await forAll(KEYS, 20, async (key) =>
          expect((await send(`${balancer.url}/customers/guest_user/wallets`, { headers: basic(key) })).status).toBe(
            200,
          ),
        )
        const held = await Promise.all(fleet.map(merchantsOf))
        expect(held.flat().sort()).toEqual([...KEYS].sort())
        for (const merchants of held) expect(merchants.length).toBeGreaterThan(KEYS.length / 10)
      })

      test('a fixture’s merchant with several keys is in one process, by whatever names it', async () => {
        const sent: readonly Sent[] = [
          ...['acme_test_key', 'acme_revoked_key', 'acme_expired_key'].map((key) => ({ headers: basic(key) })),
          ...['test_acme_juicyway', 'test_acme_masked', 'test_acme_forbidden', 'test_acme_expired'].map((key) => ({
            headers: { authorization: `Bearer ${key}` },
          })),
        ]
        for (const one of sent) await send(`${balancer.url}/customers`, one)
        await send(`${balancer.url}/merchants/acme/paymentmethods`)
        await send(`${balancer.url}/juspay/merchants/acme/paymentmethods`)
        const calls = await Promise.all(
          fleet.map(async ({ url }) => JSON.parse((await send(`${url}/_sandbox/merchants/acme/requests`)).text).total),
        )
        expect([...calls].sort()).toEqual([0, 0, sent.length + 2])
      })

      test('a merchant that is named in a header, and the control API without one, come to one process', async () => {
        const who = { ...JSON_TYPE, 'x-merchantid': 'made' }
        const made = { method: 'POST', headers: who, body: '{"id":"made"}' }
        expect((await send(`${balancer.url}/_sandbox/merchants`, made)).status).toBe(201)
        expect((await send(`${balancer.url}/_sandbox/merchants/made/clock`)).status).toBe(200)
        const listed = await Promise.all(Array.from({ length: 5 }, () => merchantsOf(balancer)))
        expect(new Set(listed.map((ids) => ids.join())).size).toBe(1)
      })

      test('events go out, and a stream brings each call as it is made', async () => {
        const shop = await receiver()
        await every(['sandbox_hooked-1', 'sandbox_hooked-2', 'sandbox_hooked-3'], async (key) => {
          const control = `${balancer.url}/_sandbox/merchants/${key}`
          const put = { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify({ url: shop.url }) }
          expect((await send(`${control}/webhook`, put)).status).toBe(200)
          const reading = request(`${control}/requests/stream`)
          reading.end()
          const [stream] = (await once(reading, 'response')) as [IncomingMessage]
          onTestFinished(() => void stream.destroy())
          let told = ''
          stream.setEncoding('utf8').on('data', (piece) => {
            told += piece
          })
          await expect.poll(() => told).toContain(':\n\n')
          const before = shop.received.length
          await addressesOf(async (path, fields) => {
            const sent = { headers: { ...basic(key), ...FORM }, ...(fields && { method: 'POST', body: form(fields) }) }
            const { text, headers } = await send(`${balancer.url}${path}`, sent)
            return { text, location: headers.location ?? null }
          })
          // The stream is still open, so the call was not kept back.
          await expect.poll(() => told).toContain('"path":"/session"')
          await expect.poll(() => shop.names().slice(before)).toContain('ORDER_SUCCEEDED')
        })
      })

      test('a process that is killed is missed by its merchants alone, and has them again when it is back', async () => {
        const clients = Array.from({ length: 50 }, (_, n) => `sandbox_client-${n}`)
        const kept = new Map<string, string[]>(clients.map((key) => [key, []]))
        const failed = new Map<string, number[]>(clients.map((key) => [key, []]))
        let working = true
        const work = async (key: string) => {
          for (let n = 0; working; n++) {
            const body = form({ order_id: `o-${n}`, amount: '5' })
            const headers = { ...basic(key), ...FORM }
            const sent = send(`${balancer.url}/orders`, { method: 'POST', headers, body })
            // HAProxy hangs up on what was under way.
            const { status } = await sent.catch(() => ({ status: 0 }))
            if (status === 200) kept.get(key)!.push(`o-${n}`)
            else failed.get(key)!.push(status)
            if (status !== 200) await sleep(50)
          }
        }
        const least = (keys: readonly string[]) => Math.min(...keys.map((key) => kept.get(key)!.length))
        const all = Promise.all(clients.map(work))
        await expect.poll(() => least(clients)).toBeGreaterThan(2)
        const [victim] = fleet as [Replica]
        const served = new Set(await merchantsOf(victim))
        const his = clients.filter((key) => served.has(key))
        await victim.end('SIGKILL')
        await expect.poll(() => his.every((key) => failed.get(key)!.includes(502))).toBe(true)
        await victim.start()
        const counts = new Map(clients.map((key) => [key, kept.get(key)!.length]))
        await expect.poll(() => clients.every((key) => kept.get(key)!.length > counts.get(key)!)).toBe(true)
        working = false
        await all
        const others = clients.filter((key) => !served.has(key))
        expect([his.length > 0, others.length > 0]).toEqual([true, true])
        expect(his.filter((key) => failed.get(key)!.some((status) => status !== 0 && status !== 502))).toEqual([])
        expect(his.filter((key) => !failed.get(key)!.includes(502))).toEqual([])
        expect(others.flatMap((key) => failed.get(key)!)).toEqual([])
        await forAll(clients, 10, async (key) => {
          const { text } = await send(`${balancer.url}/_sandbox/merchants/${key}/state`)
          expect([key, kept.get(key)!.filter((id) => !text.includes(`"${id}"`))]).toEqual([key, []])
        })
        const held = (await Promise.all(fleet.map(merchantsOf))).flat()
        expect(held.length).toBe(new Set(held).size)
      })
    },
  )
})

describe.skipIf(!isHere('nginx'))('nginx with TLS, below a path', () => {
  inBrowser('in a browser', () => {
    test('every page and the inspector work at the public address', async () => {
      const snippet = blocks(read('docs/scaling.md')).find(({ language }) => language === 'nginx')!.code
      const file = (name: string) => fileURLToPath(new URL(`../http/tls/${name}`, import.meta.url))
      const [secure] = (await replicas(1, () => [])) as [Replica]
      await secure.end()
      const base = `https://127.0.0.1:${secure.port}/sandbox`
      const fleet = await replicas(1, () => ['--latency', 'off', '--public-url', base])
      const balancer = await balance('nginx', fleet, (text) =>
        text.replace(
          /\}\s*$/,
          `${snippet
            .replace('listen 443', `listen 127.0.0.1:${secure.port}`)
            .replace('cert.pem', file('cert.pem'))
            .replace('key.pem', file('key.pem'))}}`,
        ),
      )
      onTestFinished(async () => {
        await balancer.end()
        await fleet[0]!.end()
      })
      const page = await newPage({ ignoreHTTPSErrors: true })
      const watched = { ...watch(page), url: base }
      await page.goto(`${base}/_sandbox/`)
      await page.getByText('Live', { exact: true }).waitFor()
      await page.getByText(base, { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Make a first call' }).click()
      await page.getByRole('listbox', { name: 'Calls' }).getByRole('option').first().waitFor()
      await page.goto(`${base}/_sandbox`)
      await page.getByText('Live', { exact: true }).waitFor()
      const addresses = await addressesOf(async (path, fields) => {
        const sent = {
          headers: { ...basic('sandbox_tls'), ...FORM },
          ...(fields && { method: 'POST', body: form(fields) }),
        }
        const { text, headers } = await send(`${fleet[0]!.url}${path}`, sent)
        return { text, location: headers.location ?? null }
      })
      await every(Object.entries(addresses), async ([, address]) => {
        expect(address.startsWith(`${base}/`)).toBe(true)
        expect((await page.goto(address))!.status()).toBe(200)
      })
      await page.goto(addresses['payment_links of a session']!)
      await page.getByRole('button', { name: 'Pay' }).click()
      await page.waitForURL(/\/pay\/finish\//)
      expect(await page.textContent('body')).toContain('Payment succeeded')
      expectQuiet(watched)
    })
  })
})
