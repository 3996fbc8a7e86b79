let last: Promise<unknown> = Promise.resolve()

/**
 * Imports one module at a time. Test runners on Node's VM modules (vitest's vmThreads, jest) fail when two imports
 * overlap that have a dependency in common.
 */
export function load<Module>(importModule: () => Promise<Module>): Promise<Module> {
  const loaded = last.then(importModule)
  last = loaded.catch(() => {})
  return loaded
}
