import { plural } from '../../lib/text.js'

/** How the page writes figures and times. */

/** Minutes that the browser's own zone is ahead of UTC at a time; none where UTC is shown. */
const aheadOfUtc = (iso: string, isLocal: boolean) => (isLocal ? -new Date(iso).getTimezoneOffset() : 0)

const shifted = (iso: string, isLocal: boolean) =>
  new Date(Date.parse(iso) + aheadOfUtc(iso, isLocal) * 60_000).toISOString()

/** `08:30:00.125` */
export const timeOf = (iso: string, isLocal: boolean) => shifted(iso, isLocal).slice(11, 23)

/** `2023-09-11 08:30:00 UTC`, or `2023-09-11 14:00:00 +05:30` in the browser's own zone */
export function dateTimeOf(iso: string, isLocal: boolean): string {
  const ahead = aheadOfUtc(iso, isLocal)
  const offset = new Date(Math.abs(ahead) * 60_000).toISOString().slice(11, 16)
  const zone = isLocal ? `${ahead < 0 ? '−' : '+'}${offset}` : 'UTC'
  return `${shifted(iso, isLocal).slice(0, 19).replace('T', ' ')} ${zone}`
}

/** Milliseconds with three figures that count. */
export function ms(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** `14 min 59 s` */
export function span(milliseconds: number): string {
  let rest = Math.floor(Math.abs(milliseconds) / 1000)
  const parts = Object.entries({ d: 86_400, h: 3600, min: 60, s: 1 }).flatMap(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? [] : [`${count} ${unit}`]
  })
  return parts.slice(0, 2).join(' ') || '0 s'
}

/** JSON laid out on lines; another text as it is. */
export function laidOut(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

export const count = (number: number, one: string) => `${number.toLocaleString('en')} ${plural(number, one)}`
