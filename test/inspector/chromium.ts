import { existsSync } from 'node:fs'

/** Debian's own browser, or the one that the environment names. */
export const CHROMIUM = [process.env.CHROMIUM, '/usr/bin/chromium'].find(
  (path): path is string => path !== undefined && existsSync(path),
)

export const NO_CHROMIUM = 'no chromium is here; apt-get install chromium, or name one in the variable CHROMIUM'
