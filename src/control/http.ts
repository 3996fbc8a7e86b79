import { Hono } from 'hono'
import type { Control } from './control.js'

/** The control API: Control over HTTP, at `/_sandbox`. */
export function controlRoutes(control: Control): Hono {
  const app = new Hono()
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
