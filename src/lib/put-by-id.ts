/** The list with a thing in the place of the one of its id, else at the end. */
export function putById<Thing extends { readonly id: string }>(list: readonly Thing[], thing: Thing): readonly Thing[] {
  const index = list.findIndex(({ id }) => id === thing.id)
  return index < 0 ? [...list, thing] : list.with(index, thing)
}
