import { type Replayed, replay } from '../capsule/replay.js'
import { capsuleSchema, check, refuseForeign } from '../capsule/schema.js'
import { type Options, resolveOptions } from '../config.js'
import { readJson } from '../lib/files.js'
import { openSandbox } from '../sandbox.js'

/** Replays the capsule in a file. @throws InputError when it is none, or of a format that is not known here */
export async function replayFile(file: string): Promise<Replayed> {
  const data = readJson(file)
  refuseForeign(data, file)
  const capsule = check(capsuleSchema, data, file)
  return replay(capsule, (options, around) => openSandbox(resolveOptions(options as Options), around))
}
