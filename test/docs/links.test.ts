import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../build.js'
import { PAGES, prose, read } from './pages.js'

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (page: string) => Array.from(prose(page).matchAll(/^#+ (.*)$/gm), ([, heading]) => anchorOf(heading!))

const withoutCode = (page: string) => prose(page).replaceAll(/`[^`\n]*`/g, '')

const linksOf = (page: string) => Array.from(withoutCode(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => link!)

const isRelative = (link: string) => !/^[a-z]+:/.test(link)

const targetOf = (page: string, link: string) => {
  const [path = '', anchor] = link.split('#')
  return { file: path === '' ? page : join(dirname(page), path), anchor }
}

test.each(PAGES)('every relative link of %s leads somewhere', (page) => {
  const broken = linksOf(page)
    .filter(isRelative)
    .filter((link) => {
      const { file, anchor } = targetOf(page, link)
      return !existsSync(join(ROOT, file)) || (anchor !== undefined && !anchorsOf(file).includes(anchor))
    })
  expect(broken).toEqual([])
})

test.each(PAGES)('every other link of %s is an address', (page) => {
  const defined = Array.from(read(page).matchAll(/^\[[^\]]+\]: (\S+)$/gm), ([, address]) => address!)
  for (const address of [...linksOf(page).filter((link) => !isRelative(link)), ...defined])
    expect([address, URL.canParse(address), /[\w/]$/.test(address)]).toEqual([address, true, true])
})

test.each(PAGES)('every reference of %s is defined, and every definition is used', (page) => {
  const text = withoutCode(page)
  const defined = Array.from(text.matchAll(/^\[([^\]]+)\]: /gm), ([, name]) => name)
  const used = Array.from(text.matchAll(/\[([^\]]+)\](?![(:\]])/g), ([, name]) => name)
  expect(new Set(used)).toEqual(new Set(defined))
})

test.each(PAGES)('no two headings of %s have one anchor', (page) => {
  const anchors = anchorsOf(page)
  expect(anchors).toEqual([...new Set(anchors)])
})

test('the README leads to every page', () => {
  const reached = new Set(['README.md'])
  for (const page of reached)
    for (const link of linksOf(page).filter(isRelative)) {
      const { file } = targetOf(page, link)
      if (file.endsWith('.md')) reached.add(relative('.', file))
    }
  expect([...reached].sort()).toEqual([...PAGES].sort())
})
