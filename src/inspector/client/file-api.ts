import { Api, type Path, Refused } from './api.js'

/** What `wallet-sandbox open` serves at. */
const OPENED_URL = 'http://127.0.0.1:8080/_sandbox'

/** Answers of the control API that came with the page: nothing new comes, and nothing can be changed. */
export class FileApi extends Api {
  override readonly isFile = true
  override readonly url = OPENED_URL
  readonly #answers: ReadonlyMap<string, unknown>

  /** @param answers by the resource that was asked for */
  constructor(answers: Readonly<Record<string, unknown>>) {
    super()
    this.#answers = new Map(Object.entries(answers))
  }

  /** A file is of one merchant, and is not searched. */
  override path<Resource extends string>(_: string, resource: Resource): Path<Resource> {
    return resource.replace(/\?.*/s, '') as Path<Resource>
  }

  override subscribe() {
    return () => {}
  }

  protected override async ask(path: string, { method }: RequestInit): Promise<Response> {
    if (method !== undefined) throw new Refused(405, 'Nothing can be changed in a file.')
    if (!this.#answers.has(path)) throw new Refused(404, `This file does not hold ${path}.`)
    return Response.json(this.#answers.get(path))
  }
}
