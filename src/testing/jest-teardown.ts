import { server } from './jest-server.js'

/** jest's `globalTeardown`: stops what `wallet-sandbox/jest/setup` started. */
export default async function teardown(): Promise<void> {
  await server.__walletSandbox?.close()
  server.__walletSandbox = undefined
}
