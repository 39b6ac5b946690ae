// What the command tells a person to type next works when it is copied as it stands.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMorphee, type Morphee } from './morphee.ts'

const BUILT = 'hello/build/hello.wasm'

let morphee: Morphee
beforeAll(async () => {
  morphee = await createMorphee()
  await morphee('new', 'hello', '--language', 'assemblyscript')
  const { code, stderr } = await morphee('build', 'hello')
  expect(code, stderr).toBe(0)
}, 60_000)
afterAll(() => morphee.close())

describe('a hint', () => {
  it('repeats how npm was told to start it', async () => {
    const npm = morphee.with({ variables: { npm_lifecycle_event: 'morphee' } })
    expect((await npm('--dev', 'show', 'acme/none')).stderr).toContain(
      '`npm run morphee -- --dev list`',
    )
    expect((await npm('trust', 'list')).stderr).toContain('→ npm run morphee -- trust add')
    expect((await npm('show')).stderr).toContain('(npm run morphee -- show --help says how)')
    expect((await npm('audit', 'verfy')).stderr).toContain('no command of npm run morphee -- audit')
    expect((await npm('--help')).stdout).toContain('npm run morphee -- --dev install FILE')
    const npx = morphee.with({ variables: { npm_lifecycle_event: 'npx' } })
    expect((await npx('trust', 'list')).stderr).toContain('→ npx morphee trust add')
  })

  it('repeats the options that were given, and none that came from a variable', async () => {
    const home = join(morphee.home, "Ada's data")
    const { stderr } = await morphee('--home', home, '--workspace', 'team', '--dev', 'show', 'a/b')
    expect(stderr).toContain(
      `\`morphee --home '${home.replace("'", String.raw`'\''`)}' --workspace team --dev list\``,
    )
    expect(stderr).not.toContain('--dev --dev')
    expect((await morphee('show', 'a/b')).stderr).toContain('`morphee list`')
  })

  it('names the extension that it is about', async () => {
    expect((await morphee('--dev', 'install', BUILT, '--yes')).code).toBe(0)
    expect((await morphee('--dev', 'disable', 'me/hello')).code).toBe(0)
    const { stderr } = await morphee('--dev', 'run', 'me/hello', 'hello', '{}')
    expect(stderr).toContain('`morphee --dev enable me/hello`')
    const { stdout } = await morphee('--dev', '--json', 'run', 'me/hello', 'hello', '{}')
    expect(JSON.parse(stdout).error.next).toContain('`morphee --dev enable me/hello`')
  })
})

describe('morphee sign', () => {
  it("refuses another publisher's key before it asks for the passphrase, and says whose is accepted", async () => {
    expect((await morphee('keygen', 'acme', '--organization', 'Acme')).code).toBe(0)
    const { code, stderr } = await morphee('sign', BUILT, '--key', 'acme')
    expect(code).toBe(1)
    expect(stderr).toContain('[ERR_SIGNING_PUBLISHER]')
    expect(stderr).toContain('a key of "me" is accepted')
    const published = await morphee('publish', BUILT, '127.0.0.1:1/acme/hello', '--key', 'acme')
    expect(published.stderr).toContain('[ERR_SIGNING_PUBLISHER]')
  })

  it('warns of a key file whose certificate is made out to another', async () => {
    const { code, stderr } = await morphee('sign', BUILT, '--key', 'keys/acme.key')
    expect(code).toBe(0)
    expect(stderr).toContain('made out to "acme"')
    expect(stderr).toContain('[ERR_SIGNING_PUBLISHER]')
  })
})
