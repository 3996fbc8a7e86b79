import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { ROOT } from '../build.js'

const TEXT = readFileSync(join(ROOT, 'llms.txt'), 'utf8')

test('llms.txt leads to pages that are there', () => {
  const links = Array.from(TEXT.matchAll(/\]\((.*?)\)/g), ([, link]) => link!)
  expect(links.length).toBeGreaterThan(8)
  expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([])
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(files).toContain('llms.txt')
})

test('the skill is in the package, and short enough to be read whole', () => {
  const lines = readFileSync(join(ROOT, 'skills/wallet-sandbox/SKILL.md'), 'utf8').trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(120)
  expect(lines.slice(0, 2)).toEqual(['---', 'name: wallet-sandbox'])
  expect(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).files).toContain('skills')
})

test('the requests of llms.txt are answered, and its scenario does what it says', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const headers = { authorization: `Basic ${btoa('acme_test_key:')}` }
  const paths = Array.from(TEXT.matchAll(/`GET (\/\S+?)`/g), ([, path]) => path!)
  for (const path of paths) expect((await sandbox.fetch(`http://x${path}`, { headers })).status, path).toBe(200)
  const [, scenario] = /`(\{"name".*\})`/.exec(TEXT)!
  await sandbox.control.scenario.put(JSON.parse(scenario!))
  const refresh = () => sandbox.fetch('http://x/customers/cst_om2l6ctlptxwxuzj/wallets/refresh-balances', { headers })
  expect([(await refresh()).status, (await refresh()).status, (await refresh()).status]).toEqual([200, 200, 502])
})
