import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const [port, body] = process.argv.slice(2)
const list = JSON.parse(body)
const app = new Hono()
app.get('/customers/:customer/wallets', (context) => context.json(list))
serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' })
