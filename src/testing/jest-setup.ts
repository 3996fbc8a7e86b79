import { createSandbox, type Options } from '../index.js'
import { server, URL_VARIABLE } from './jest-server.js'

/**
 * jest's `globalSetup`: one server for the whole run. Its options are `globals.walletSandbox` of jest's configuration;
 * delays are off unless they say otherwise.
 */
export default async function setup(_: unknown, project: { globals: { walletSandbox?: Options } }): Promise<void> {
  server.__walletSandbox = await createSandbox({ latency: 'off', ...project.globals.walletSandbox })
  process.env[URL_VARIABLE] = await server.__walletSandbox.listen()
}
