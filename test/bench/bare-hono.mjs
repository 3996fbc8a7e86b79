import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const [port, body] = process.argv.slice(2)
const list = JSON.parse(body)
const app = new Hono()
app.get('/customers/:customer/wallets', (context) => context.json(list))
const listening = ({ port }) => console.log(`listening on http://127.0.0.1:${port}`)
const server = serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' }, listening)
process.on('SIGTERM', () => server.close())
