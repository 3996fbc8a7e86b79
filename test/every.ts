import { inspect } from 'node:util'

/** A case as it is named where it fails: what its row in the table begins with. */
const nameOf = (given: unknown) => {
  const text = inspect(given, { breakLength: Number.POSITIVE_INFINITY, depth: 3 })
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}

function named(given: unknown, error: unknown): Error {
  const failure = error instanceof Error ? error : new Error(String(error))
  failure.message = `${nameOf(given)}\n${failure.message}`
  return failure
}

type Run<Case> = (given: Case) => unknown

/** Runs the cases of a table one after the other, and fails with every case that fails, not with the first alone. */
export async function every<Case>(cases: readonly Case[], run: Run<Case>): Promise<void> {
  const failures: Error[] = []
  for (const given of cases)
    try {
      await run(given)
    } catch (error) {
      failures.push(named(given, error))
    }
  report(cases, failures)
}

function report(cases: readonly unknown[], failures: readonly Error[]): void {
  if (cases.length === 0) throw new Error('The table is empty.')
  // Vitest reports each error of a list, with the difference that it found.
  if (failures.length > 0) throw failures
}
