/** Milliseconds of CPU that a task takes: other work of the machine does not count. */
export async function cpuMs(task: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await task()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
