import { performance, setImmediate } from './timers.js'

/** How long others wait at most, in ms: about as long as some ten calls take. */
const TURN_MS = 5

/** Lets calls that wait have their turn. */
export const othersTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Does something with each of many things, and lets others in every few milliseconds. They are not copied before. */
export async function inTurns<Item>(items: Iterable<Item>, act: (item: Item) => void): Promise<void> {
  let began = performance.now()
  for (const item of items) {
    act(item)
    if (performance.now() - began < TURN_MS) continue
    await othersTurn()
    began = performance.now()
  }
}
