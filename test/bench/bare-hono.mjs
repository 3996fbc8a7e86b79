import { serve } from '@hono/node-server'
import { Hono } from 'hono'

// With a status and headers it sends those and the body as it is; else it prints the body anew for each call.
const [port, body, status, headers] = process.argv.slice(2)
const app = new Hono()
if (status === undefined) {
  const list = JSON.parse(body)
  app.get('/customers/:customer/wallets', (context) => context.json(list))
} else {
  const answer = [body, Number(status), JSON.parse(headers)]
  app.get('*', (context) => context.body(...answer))
  app.post('*', (context) => context.req.text().then(() => context.body(...answer)))
}
serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' })
