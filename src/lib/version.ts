import { inPackage, readJson } from './files.js'

/** The package's version. */
export const VERSION = (readJson(inPackage('package.json')) as { version: string }).version
