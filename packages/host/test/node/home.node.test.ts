import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHome } from '../../src/node/home.ts'

describe('openHome()', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'morphee-home-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('makes a directory that only its owner can enter, and opens it again', async () => {
    const home = join(folder, 'a/b')
    await openHome(home, 'signed')
    await openHome(home, 'signed')
    expect((await stat(home)).mode & 0o777).toBe(0o700)
    expect(await readdir(home)).toEqual(['host-kind'])
  })

  it.runIf(process.platform === 'linux')(
    'fails instead of waiting for ever where nothing can be made',
    async () => {
      await expect(openHome('/proc/morphee/home', 'signed')).rejects.toMatchObject({
        code: 'ENOENT',
      })
    },
  )

  it('closes a directory that others can enter', async () => {
    const home = join(folder, 'open')
    await mkdir(home)
    await chmod(home, 0o755)
    await openHome(home, 'development')
    expect((await stat(home)).mode & 0o777).toBe(0o700)
  })

  it('refuses the other kind, for ever', async () => {
    await openHome(folder, 'development')
    await expect(openHome(folder, 'signed')).rejects.toMatchObject({
      code: 'ERR_HOST_HOME',
      details: { expected: 'signed', found: 'the home of a development host' },
    })
  })

  it('refuses a marker that it does not know, without repeating it', async () => {
    await writeFile(join(folder, 'host-kind'), 'something else\n')
    await expect(openHome(folder, 'signed')).rejects.toMatchObject({
      code: 'ERR_HOST_HOME',
      details: { found: 'an unknown marker' },
    })
  })

  it('refuses a file', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await expect(openHome(file, 'signed')).rejects.toThrow()
  })

  it('is claimed by one of many that come at once', async () => {
    const settled = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        openHome(folder, n % 2 === 0 ? 'signed' : 'development'),
      ),
    )
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    for (const one of settled)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'ERR_HOST_HOME' })
    expect(await readdir(folder)).toEqual(['host-kind'])
  })
})
