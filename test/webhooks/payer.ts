import { connect } from '../vendors/juspay/client.js'
import { order, pay } from './pay.js'

/**
 * A process to be killed: `pay FOLDER URL` pays one order whose events are for the URL; `set FOLDER URL` sets the webhook of
 * every merchant, those that come too. It says when it is done.
 */

const [what, data, url] = process.argv.slice(2) as [string, string, string]
const client = await connect({ data })
if (what === 'pay') {
  await order(client, { 'metadata.webhook_url': url })
  await pay(client)
} else {
  const { control } = client.sandbox
  await control.merchants.create({ id: 'made' })
  await control.merchants.get('sandbox_old')
  await control.webhooks.put({ url, username: 'u', password: 'p' })
  await control.merchants.get('sandbox_later')
  await control.merchant('globex').webhooks.put(null)
}
process.stdout.write('done\n')
