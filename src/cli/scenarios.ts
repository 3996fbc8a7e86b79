import { type Command, refuseOperands } from './command.js'

export const scenarios: Command = {
  usage: 'scenarios',
  meaning: 'List the scenarios that come with the sandbox',
  async run({ operands, streams }) {
    refuseOperands('scenarios', operands)
    const { readScenario, shippedScenarios } = await import('../scenarios/read.js')
    const names = shippedScenarios()
    const width = Math.max(...names.map((name) => name.length)) + 2
    for (const name of names) {
      const { description = '' } = await readScenario(name)
      await streams.out(`${name.padEnd(width)}${firstSentence(description)}`)
    }
    return 0
  },
}

const firstSentence = (text: string) => /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text
