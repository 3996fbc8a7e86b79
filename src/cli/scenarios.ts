import type { Command } from './command.js'

export const scenarios: Command = {
  usage: 'scenarios',
  meaning: 'List the scenarios that come with the sandbox',
  async run({ streams }) {
    const { describeShipped } = await import('../scenarios/read.js')
    const shipped = await describeShipped()
    const width = Math.max(...shipped.map(({ name }) => name.length)) + 2
    for (const { name, description } of shipped) await streams.out(`${name.padEnd(width)}${firstSentence(description)}`)
    return 0
  },
}

const firstSentence = (text: string) => /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text
