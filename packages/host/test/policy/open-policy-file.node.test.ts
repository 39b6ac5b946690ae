import { openPolicyFile } from '@morphee/host/node'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'morphee-policy-file-'))
  file = join(folder, 'policy.yaml')
})
beforeEach(() => writeFile(file, 'policy: 1\nisolation: process\n'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const PUTS: Readonly<Record<string, () => Promise<unknown>>> = {
  'a link to itself': () => symlink(file, file),
  'a folder': () => mkdir(file),
  ...(process.platform === 'win32'
    ? {}
    : {
        'a pipe that nobody writes to': () => promisify(execFile)('mkfifo', [file]),
        'a device without an end': () => symlink('/dev/zero', file),
      }),
}
if (process.platform === 'win32') console.warn('left out: pipes and devices, which Windows has not')

for (const [what, put] of Object.entries(PUTS)) {
  it(`${what} takes the place of the policy for no decision, and keeps none waiting`, async () => {
    const complaints: Error[] = []
    const source = openPolicyFile(file, { onRefused: (error) => void complaints.push(error) })
    expect(source.current()).toEqual({ isolation: 'process' })
    await rm(file, { recursive: true })
    await put()
    expect(source.current()).toEqual({ isolation: 'process' })
    expect(complaints).toHaveLength(1)
    expect(source.current()).toEqual({ isolation: 'process' })
    expect(complaints).toHaveLength(1)
    expect(() => openPolicyFile(file)).toThrow()
    await rm(file, { recursive: true })
  })
}
