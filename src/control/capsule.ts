import type { Capsule } from '../capsule/make.js'
import { InputError } from '../lib/errors.js'
import { load } from '../lib/load.js'
import { ControlError } from './errors.js'
import type { Scope } from './scope.js'

export async function capsuleOf(scope: Scope): Promise<Capsule> {
  const merchant = scope.one()
  if (merchant === undefined) {
    const ids = Array.from(scope.registry.all(), ({ id }) => id)
    throw new InputError(
      `capsule: is asked of all merchants; allowed: of one, at /_sandbox/merchants/{merchant}/capsule. Merchants: ${ids.slice(0, 10).join(', ')}.`,
    )
  }
  const { makeCapsule } = await load(() => import('../capsule/make.js'))
  const capsule = makeCapsule(merchant, scope.registry, scope.options)
  if (capsule) return capsule
  throw new ControlError(
    'conflict',
    `The journal of merchant "${merchant.id}" no longer holds all that a replay needs; allowed: a larger --journal-size, or a reset or DELETE …/requests before what is to be replayed, because a capsule begins there.`,
  )
}
