import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Control } from './control.js'
import type { Access } from './http.js'

/** The way to the control API over HTTP. What it is made of is loaded with the first request, as most of a start would be. */
export interface ControlDoor {
  fetch(request: Request): Promise<Response>
  listener(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>
}

export function controlDoor(control: Control, access: Access): ControlDoor {
  let opened: Promise<ControlDoor> | undefined
  const open = () => {
    opened ??= import('./http.js').then(({ controlApp }) => controlApp(control, access))
    return opened
  }
  return {
    fetch: async (request) => (await open()).fetch(request),
    listener: async (incoming, outgoing) => (await open()).listener(incoming, outgoing),
  }
}
