import { connect } from '../vendors/juspay/client.js'
import { order, pay } from './pay.js'

/** A process to be killed: `FOLDER URL`. It pays one order and says so; its events are for the URL. */

const [data, url] = process.argv.slice(2)
const client = await connect({ data: data! })
await order(client, { 'metadata.webhook_url': url! })
await pay(client)
process.stdout.write('paid\n')
