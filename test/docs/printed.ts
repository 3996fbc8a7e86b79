import { expect } from 'vitest'

/** Checks what a program printed: what stands in a comment behind each `console.log`, where … stands for anything. */
export function expectPrinted(code: string, stdout: string): void {
  const expected = Array.from(code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm), ([, text]) => {
    const pattern = text!.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*')
    return expect.stringMatching(new RegExp(`^${pattern}$`))
  })
  expect(expected).not.toEqual([])
  expect(expected).toHaveLength(code.match(/console\.log/g)!.length)
  expect(stdout.trimEnd().split('\n')).toEqual(expected)
}
