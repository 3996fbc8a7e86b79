let last: Promise<unknown> = Promise.resolve()

/** Imports one module at a time: under vitest's vmThreads and jest, imports that overlap and share a module fail. */
export function load<Module>(importModule: () => Promise<Module>): Promise<Module> {
  const loaded = last.then(importModule)
  last = loaded.catch(() => {})
  return loaded
}
