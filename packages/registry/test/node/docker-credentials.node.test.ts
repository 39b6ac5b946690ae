import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDockerCredentials, dockerConfigPaths } from '@morphee/registry/node'
import { afterEach, beforeEach, expect, test } from 'vitest'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'morphee-docker-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function source(
  config: unknown,
  runHelper?: (name: string, server: string) => Promise<undefined>,
) {
  const path = join(directory, 'config.json')
  await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config))
  return createDockerCredentials({
    paths: [join(directory, 'missing.json'), path],
    ...(runHelper === undefined ? {} : { runHelper }),
  })
}
const auth = Buffer.from('someone:pass:wörd').toString('base64')
const password = { kind: 'password', username: 'someone', password: 'pass:wörd' }

for (const [what, registry, config, found] of [
  ['a login', 'ghcr.io', { auths: { 'ghcr.io': { auth } } }, password],
  ['a login under a URL', 'ghcr.io', { auths: { 'https://ghcr.io/v1/': { auth } } }, password],
  [
    'a login at Docker Hub',
    'docker.io',
    { auths: { 'https://index.docker.io/v1/': { auth } } },
    password,
  ],
  [
    'a name and a password',
    'ghcr.io',
    { auths: { 'ghcr.io': { username: 'a', password: 'b' } } },
    { kind: 'password', username: 'a', password: 'b' },
  ],
  [
    'an identity token',
    'ghcr.io',
    { auths: { 'ghcr.io': { auth, identitytoken: 't' } } },
    { kind: 'identity-token', token: 't' },
  ],
  [
    'a registry token',
    'ghcr.io',
    { auths: { 'ghcr.io': { registrytoken: 't' } } },
    { kind: 'registry-token', token: 't' },
  ],
  ['nothing for another registry', 'ghcr.io', { auths: { 'evil.example': { auth } } }, undefined],
  ['nothing for another port', 'localhost:5000', { auths: { localhost: { auth } } }, undefined],
  ['nothing that an object inherits', '__proto__', { auths: {} }, undefined],
  ['nothing in an empty file', 'ghcr.io', {}, undefined],
] as const) {
  test(`createDockerCredentials() finds ${what}`, async () => {
    expect(await (await source(config))(registry)).toEqual(found)
  })
}

for (const [what, config] of [
  ['no JSON', '{"auths":{"ghcr.io":{"auth":"secret-in-a-broken-file"'],
  ['a list', []],
  ['an account that is no base64', { auths: { 'ghcr.io': { auth: 'secret!' } } }],
  [
    'an account without a name',
    { auths: { 'ghcr.io': { auth: Buffer.from(':secret').toString('base64') } } },
  ],
  ['a helper, when it may run none', { credHelpers: { 'ghcr.io': 'secretservice' } }],
  ['a store, when it may run none', { auths: { 'ghcr.io': {} }, credsStore: 'secretservice' }],
  ['a helper that is a path', { credHelpers: { 'ghcr.io': '../../secret' } }],
] as const) {
  test(`createDockerCredentials() refuses ${what}, and tells no secret`, async () => {
    const credentials = await source(config)
    const error: unknown = await Promise.resolve(credentials('ghcr.io')).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'ERR_REGISTRY_CREDENTIALS' })
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toMatch(
      /secret|morphee-docker/,
    )
  })
}

test('createDockerCredentials() asks the helper it was given', async () => {
  const asked: string[] = []
  const helper = (name: string, server: string) => {
    asked.push(`${name} ${server}`)
    return Promise.resolve(undefined)
  }
  await (
    await source({ credHelpers: { 'ghcr.io': 'gh' } }, helper)
  )('ghcr.io')
  await (
    await source({ auths: { 'a.example': {} }, credsStore: 'desktop' }, helper)
  )('a.example')
  expect(asked).toEqual(['gh ghcr.io', 'desktop a.example'])
})

test('createDockerCredentials() reads the files anew each time', async () => {
  const credentials = await source({})
  expect(await credentials('ghcr.io')).toBeUndefined()
  await source({ auths: { 'ghcr.io': { auth } } })
  expect(await credentials('ghcr.io')).toEqual(password)
})

test('dockerConfigPaths() looks where Docker, podman and oras do', () => {
  expect(dockerConfigPaths({}, 'home')).toEqual([join('home', '.docker', 'config.json')])
  expect(
    dockerConfigPaths(
      { REGISTRY_AUTH_FILE: 'auth.json', DOCKER_CONFIG: 'docker', XDG_RUNTIME_DIR: 'run' },
      'home',
    ),
  ).toEqual(['auth.json', join('docker', 'config.json'), join('run', 'containers', 'auth.json')])
})
