import { createSandbox } from '../../src/index.js'
import { DataFolder } from '../../src/store/folder.js'
import { baselineOf, State } from '../../src/store/state.js'
import { fixturesOf, RECORD } from './customers.js'

/**
 * A process to be killed. It reads one line, `serve FOLDER…` or `replace FOLDER`, so that it can be started ahead of its
 * time, and prints one line per thing that is done.
 */

const say = (line: string) => process.stdout.write(`${line}\n`)

/** Every Get of a linked wallet draws a token, because none lives. */
async function serve(folders: readonly string[]): Promise<void> {
  for (const data of folders) {
    const sandbox = await createSandbox({ data, fixtures: fixturesOf(64), latency: 'off', tokenTtl: 0 })
    say(await sandbox.listen())
  }
}

/** Replaces the whole state again and again: by 1 customer, by 2, by 3 … */
async function replace(folder: string): Promise<void> {
  const data = await DataFolder.open(folder)
  const state = new State(baselineOf(fixturesOf(0).merchants[0]!), data.database(RECORD))
  for (let n = [...state.named()].length + 1; ; n++) {
    await state.committed(() => state.reset(baselineOf(fixturesOf(n).merchants[0]!)))
    say(String(n))
  }
}

process.stdin.once('data', (line) => {
  const [mode, ...folders] = String(line).trim().split(' ')
  void (mode === 'serve' ? serve(folders) : replace(folders[0]!))
})
