import { serve } from '@hono/node-server'
import { Hono } from 'hono'

// What a start is compared with: the same framework and adapter, one route, nothing else.
const app = new Hono()
app.get('/wallets/:wallet', (context) => context.json({ id: context.req.param('wallet') }))
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  console.log(`listening on http://127.0.0.1:${port}`),
)
process.on('SIGTERM', () => server.close())
