import type { Merchants } from '../merchants.js'
import { VERSION } from '../version.js'

/** What a test asks of a sandbox and steers in it. */
export interface Control {
  health(): { status: 'ok'; version: string; merchants: number }
}

export function createControl(merchants: Merchants): Control {
  return {
    health: () => ({ status: 'ok', version: VERSION, merchants: [...merchants.all()].length }),
  }
}
