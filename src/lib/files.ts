import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from './errors.js'
import { decode, parseJson } from './json.js'
import { load } from './load.js'
import { tried } from './tried.js'

/** Further above this module in `src` than in the bundle. @throws InputError where another bundle holds this one */
function packageFolder(): string {
  // A bundler that makes CommonJS leaves the URL out.
  let folder = import.meta.url === undefined ? '/' : dirname(fileURLToPath(import.meta.url))
  while (!isOurs(join(folder, 'package.json'))) {
    if (folder === dirname(folder))
      throw new InputError(
        'wallet-sandbox: the code was bundled away from the fixtures and scenarios of its package; allowed: a bundle that keeps wallet-sandbox external, as esbuild --external:wallet-sandbox does',
      )
    folder = dirname(folder)
  }
  return folder
}

const isOurs = (file: string) => /"name":\s*"wallet-sandbox"/.test(tried(() => readFileSync(file, 'utf8')) ?? '')

const PACKAGE = packageFolder()

export const inPackage = (path: string) => join(PACKAGE, path)

/** The value in a JSON file. @throws InputError naming the file and the place of the fault */
export const readJson = (file: string): unknown => parseJson(textOf(file, 'JSON'), file)

export const isYaml = (file: string) => /\.ya?ml$/.test(file)

/** The value in a JSON or YAML file. @throws InputError naming the file and the place of the fault */
export async function readValue(file: string): Promise<unknown> {
  if (!isYaml(file)) return readJson(file)
  const text = textOf(file, 'YAML')
  const { parseYaml } = await load(() => import('./yaml.js'))
  return parseYaml(text, file)
}

/** While a text is parsed, its bytes, as many again, are not held. */
export const textOf = (file: string, form: string) => decode(bytesOf(file, form), file)

function bytesOf(file: string, form: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new InputError(`${file}: cannot be read: ${plainReason(error)}; allowed: a ${form} file`)
  }
}

/** The operating system's refusal in words. */
export function plainReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'this user may not',
    EPERM: 'this user may not',
    EISDIR: 'it is a folder',
    ENOTDIR: 'it is not a folder',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EIO: 'the disk failed',
    EEXIST: 'there is a file of that name',
    EROFS: 'the file system is read-only',
  }
  return reasons[code ?? ''] ?? message
}
