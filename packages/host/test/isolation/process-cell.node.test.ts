// What a child process holds, and what is left of a guest that breaks out of its engine.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ACT } from './acting-guest.ts'
import { children } from './children.ts'
import { openHoused } from './housed.ts'
import type { CellDeath } from '../../src/node/isolation/guest-cell.ts'
import type { FromGuest } from '../../src/node/isolation/protocol.ts'
import { findOsSandbox } from '../../src/node/process/os-sandbox.ts'
import {
  createProcessCells,
  type ProcessCell,
  type ProcessCellOptions,
} from '../../src/node/process/process-cell.ts'

const cells: ProcessCell[] = []
afterEach(async () => {
  for (const cell of cells.splice(0)) await cell.kill()
})

function openCell(options?: ProcessCellOptions): {
  readonly cell: ProcessCell
  readonly messages: FromGuest[]
  readonly deaths: CellDeath[]
} {
  const messages: FromGuest[] = []
  const deaths: CellDeath[] = []
  const cell = createProcessCells(options).open({
    onMessage: (message) => messages.push(message),
    onDeath: (death) => deaths.push(death),
  })
  cells.push(cell)
  return { cell, messages, deaths }
}

async function descriptors(pid: number | string): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  for (const name of await readdir(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${name}`).catch(() => 'closed meanwhile')
    found.set(Number(name), target)
  }
  return found
}

describe.runIf(process.platform === 'linux')('a child process, seen from outside,', () => {
  beforeAll(() => {
    process.env['MORPHEE_TEST_SECRET'] = 'a secret of the host'
    return () => delete process.env['MORPHEE_TEST_SECRET']
  })

  it('has no environment', async () => {
    const { cell } = openCell()
    await cell.ready
    expect(await readFile(`/proc/${cell.pid}/environ`, 'utf8')).toBe('')
  })

  it('names no path and no secret of the host on its command line, but the one of Node', async () => {
    const { cell } = openCell()
    await cell.ready
    const line = await readFile(`/proc/${cell.pid}/cmdline`, 'utf8')
    expect(line.replaceAll(process.execPath, '')).not.toContain(process.cwd())
    expect(line).not.toContain('a secret of the host')
  })

  it('shares no descriptor with the host, and has its pipe and nothing else', async () => {
    const { cell } = openCell()
    await cell.ready
    const own = new Set((await descriptors('self')).values())
    const theirs = await descriptors(cell.pid as number)
    expect([0, 1, 2].map((number) => theirs.get(number))).toEqual(Array(3).fill('/dev/null'))
    expect(theirs.get(3)).toMatch(/^socket:/)
    for (const [number, target] of theirs) {
      if (target === '/dev/null' || number === 3) continue
      // Node's own: an event loop and pipes between its threads.
      expect(target).toMatch(/^(anon_inode:|pipe:)/)
      if (target.startsWith('pipe:')) expect(own).not.toContain(target)
    }
  })

  it('is held by the operating system as the host says', async () => {
    const { cell } = openCell()
    await cell.ready
    const status = await readFile(`/proc/${cell.pid}/status`, 'utf8')
    const field = (name: string): string =>
      new RegExp(`^${name}:[\\t ]*(.*)$`, 'm').exec(status)?.[1] ?? ''
    const { description } = findOsSandbox()
    if (description === 'no OS sandbox') return
    expect(field('NoNewPrivs')).toBe('1')
    if (description.includes('its own user')) {
      const [real, effective, saved, files] = field('Uid').split(/\s+/).map(Number)
      expect(real).toBeGreaterThanOrEqual(61_184)
      expect([effective, saved, files]).toEqual([real, real, real])
      expect(field('Groups').trim()).toBe('')
    }
    if (description.includes('no capabilities'))
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
        expect([set, Number(`0x${field(set)}`)]).toEqual([set, 0])
    if (description.includes('no network'))
      expect(await readlink(`/proc/${cell.pid}/ns/net`)).not.toBe(
        await readlink('/proc/self/ns/net'),
      )
  })

  it('is another user than every other child, where it is another user at all', async () => {
    const users = new Set<string>()
    const kind = createProcessCells()
    for (let child = 0; child < 3; child++) {
      const cell = kind.open({ onMessage: () => {}, onDeath: () => {} })
      cells.push(cell)
      await cell.ready
      const found = /^Uid:\s*(\d+)/m.exec(await readFile(`/proc/${cell.pid}/status`, 'utf8'))
      users.add(found?.[1] ?? '')
    }
    expect(users.size).toBe(findOsSandbox().description.includes('its own user') ? 3 : 1)
  })

  it('does not get what the host’s own parent left open', async () => {
    const path = join(tmpdir(), `morphee-left-open-${process.pid}`)
    await writeFile(path, 'left open')
    const file = await open(path)
    try {
      const host = spawn(
        process.execPath,
        ['--conditions=@morphee/source', join(import.meta.dirname, 'host-with-descriptors.ts')],
        { stdio: ['ignore', 'pipe', 'ignore', file.fd, file.fd, file.fd] },
      )
      const seen = JSON.parse(await text(host.stdout as Readable)) as {
        host: string[]
        child: string[]
      }
      expect(seen.host).toContain(path)
      expect(seen.child).not.toContain(path)
    } finally {
      await file.close()
      await rm(path)
    }
  })
})

describe('a guest that breaks out of its engine', () => {
  let told: { readonly results: Record<string, string>; readonly environment: readonly string[] }
  beforeAll(async () => {
    const main = new URL('./escaped-guest.ts', import.meta.url)
    const message = await new Promise<FromGuest>((resolve, reject) => {
      cells.push(
        createProcessCells({ main }).open({
          onMessage: resolve,
          onDeath: ({ cause }) => reject(cause),
        }),
      )
    })
    if (message.kind !== 'log') throw new Error(`Expected a log line, found ${message.kind}`)
    told = JSON.parse(message.lines[0]?.message ?? '')
  })

  it('finds no environment', () => {
    expect(told.environment).toEqual([])
  })

  it('finds no way out of its process', () => {
    const open = Object.entries(told.results).filter(([, result]) => result !== 'ERR_ACCESS_DENIED')
    // A signal to the host is refused by the operating system only: `--permission` does not cover it.
    const otherUser = findOsSandbox().description.includes('its own user')
    expect(Object.fromEntries(open)).toEqual({
      'load native code': 'ERR_DLOPEN_DISABLED',
      'generate code': 'EvalError',
      'signal its host': otherUser ? 'EPERM' : 'OPEN',
    })
    expect(Object.keys(told.results).length).toBeGreaterThan(20)
  })
})

describe('what comes out of a child’s pipe', () => {
  for (const [what, program] of [
    ['no message', 'garbage'],
    ['a frame of four gigabytes', 'huge-frame'],
  ]) {
    it(`that is ${what} ends it`, async () => {
      const { deaths, cell } = openCell({
        main: new URL(`./bad-pipes/${program}.ts`, import.meta.url),
      })
      await expect.poll(() => deaths.length, { timeout: 20_000 }).toBe(1)
      await cell.kill()
      expect(deaths).toHaveLength(1)
    })
  }
})

describe.runIf(process.platform === 'linux')('the memory of a child process', () => {
  it('holds what its own workspace said, and nothing of another', async () => {
    const housed = await openHoused('process')
    try {
      const canary = `canary-${randomBytes(16).toString('hex')}`
      const before = children()
      await housed.answer(ACT.echo, canary, { workspace: 'one' })
      const [one = ''] = children().filter((pid) => !before.includes(pid))
      await housed.answer(ACT.echo, 'of no interest', { workspace: 'two' })
      const [two = ''] = children().filter((pid) => !before.includes(pid) && pid !== one)
      // Found where it must be, so that not finding it elsewhere means something.
      expect(await memoryContains(one, canary)).toBe(true)
      expect(await memoryContains(two, canary)).toBe(false)
    } finally {
      await housed.close()
    }
  })
})

/** Whether the writable memory of a process contains a text, in either width of a JavaScript string. */
async function memoryContains(pid: string, text: string): Promise<boolean> {
  const needles = [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le')]
  const memory = await open(`/proc/${pid}/mem`)
  try {
    for (const line of (await readFile(`/proc/${pid}/maps`, 'utf8')).split('\n')) {
      const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      if (from === '') continue
      const start = Number.parseInt(from, 16)
      const bytes = Buffer.alloc(Number.parseInt(to, 16) - start)
      const { bytesRead } = await memory.read(bytes, 0, bytes.length, start)
      const read = bytes.subarray(0, bytesRead)
      if (needles.some((needle) => read.includes(needle))) return true
    }
    return false
  } finally {
    await memory.close()
  }
}
