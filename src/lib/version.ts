import { inPackage, readJson } from './files.js'

export const VERSION = (readJson(inPackage('package.json')) as { version: string }).version
