import { Hono } from 'hono'
import type { Control } from './control.js'

const ROOT = '/_sandbox'

/** Whether a request's path is the control API's. */
export const isControl = (target: string) =>
  target.startsWith(ROOT) &&
  (target.length === ROOT.length || target[ROOT.length] === '/' || target[ROOT.length] === '?')

/** The control API: Control over HTTP, at `/_sandbox`. */
export function controlRoutes(control: Control): Hono {
  const app = new Hono().basePath(ROOT)
  app.get('/health', (context) => context.json(control.health()))
  app.all('*', (context) =>
    context.json(
      {
        error: {
          code: 'not_found',
          message: 'The control API has no such path.',
          details: { paths: ['GET /_sandbox/health'] },
        },
      },
      404,
    ),
  )
  return app
}
