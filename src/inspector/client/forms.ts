/** What was written into a field, or chosen. */
export const textOf = ({ target }: Event) => (target as HTMLInputElement | HTMLSelectElement).value

/** The fields of a form that is submitted to the page itself. */
export function submitted(event: Event): FormData {
  event.preventDefault()
  return new FormData(event.target as HTMLFormElement)
}
