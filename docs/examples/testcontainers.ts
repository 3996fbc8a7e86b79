import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'

/** Starts the sandbox and resolves when it is healthy. Stop it with `container.stop()`. */
export async function startWallets(): Promise<{ container: StartedTestContainer; url: string }> {
  const container = await new GenericContainer('registry.example.com/wallet-sandbox')
    .withEnvironment({ WALLET_SANDBOX_LATENCY: 'off', WALLET_SANDBOX_SEED: '7' })
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHealthCheck())
    .start()
  return { container, url: `http://${container.getHost()}:${container.getMappedPort(8080)}` }
}
