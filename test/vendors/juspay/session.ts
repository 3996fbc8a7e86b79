import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Options } from '../../../src/index.js'
import { newPage } from '../../inspector/browser.js'
import { type Client, connect, type Fields } from './client.js'

export const CUSTOMER = 'customer@gmail.com'
export const SESSION = {
  order_id: 'tea-1',
  amount: '109.55',
  customer_id: CUSTOMER,
  payment_page_client_id: 'shop',
  action: 'paymentPage',
  return_url: 'https://shop.example/paid',
}
export const open = ({ post }: Client, fields: Fields = {}) => post('/session', { ...SESSION, ...fields })
export const statusOf = async ({ get }: Client) => (await get('/orders/tea-1')).body.status

/** A shop that shows what came back, and a session whose page is open in a browser. */
export async function openedInBrowser(fields: Fields = {}, options: Options = {}) {
  const shop = createServer((_, response) => response.end('Thank you'))
  await new Promise<void>((resolve) => void shop.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void shop.close())
  const returnUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/paid`
  const client = await connect(options, { transport: 'socket' })
  onTestFinished(() => client.sandbox.close())
  const { web } = (await open(client, { return_url: returnUrl, ...fields })).body.payment_links
  const page = await newPage({ javaScriptEnabled: false })
  await page.goto(web)
  const press = async (name: string) => {
    await page.getByRole('button', { name, exact: true }).click()
    await page.waitForURL(`${returnUrl}?*`)
    return new URL(page.url()).searchParams
  }
  return { client, page, press, web }
}
