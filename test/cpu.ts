/** Milliseconds of CPU that a synchronous task takes: other work of the machine does not count. */
export function cpuMs(task: () => unknown): number {
  const before = process.cpuUsage()
  task()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
