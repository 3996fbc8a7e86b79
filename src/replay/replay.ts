import { openActor } from './actor.js'
import { compareDeliveries } from './compare.js'

/**
 * Repeats the requests of a capsule, in the order in which they were handled and each at its time, and compares the
 * answers.
 *
 * @param until the number of the call that it stops before
 * @returns how many requests were repeated, what a reader should know, a sentence each, and the first difference, in lines
 * @throws InputError when the file is not a capsule, of an unknown format, or holds a step that cannot be done
 */
export async function replay(file: string, until?: number) {
  const actor = await openActor(file, until)
  const { capsule, end, notes } = actor
  try {
    let requests = 0
    for await (const { difference } of actor.repeat()) {
      requests++
      if (difference) return { requests, notes, difference }
    }
    const recorded = capsule.webhooks.filter(({ after }) => after <= end)
    const difference = compareDeliveries(recorded, actor.deliveries())
    return { requests, notes, difference: difference && ['webhooks', ...difference] }
  } finally {
    await actor.close()
  }
}
