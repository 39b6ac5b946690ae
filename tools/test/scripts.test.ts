import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

// Every other script is in `tools`.
const FILES: Readonly<Record<string, string>> = { bench: 'bench/run.ts' }

function run(script: string, ...args: string[]): ReturnType<typeof spawnSync> {
  return spawnSync(
    process.execPath,
    ['--conditions=@morphee/source', FILES[script] ?? `tools/${script}.ts`, ...args],
    { cwd: root, encoding: 'utf8' },
  )
}

describe('npm run', () => {
  for (const script of ['bench', 'check', 'conformance', 'fuzz', 'security']) {
    it(`${script} -- --help says how it is called, and does nothing else`, () => {
      const { status, stdout } = run(script, '--help')
      expect(stdout).toMatch(new RegExp(`^npm run ${script} -- `))
      expect(status).toBe(0)
    })

    it(`${script} with what it does not know ends with 2 and says how it is called`, () => {
      const { status, stdout, stderr } = run(script, '--bogus')
      expect(stderr).toMatch(/'--bogus'[\s\S]*npm run /)
      expect(stdout).toBe('')
      expect(status).toBe(2)
    })
  }

  for (const [script, ...args] of [
    ['security', '--level', 'moon'],
    ['security', '--attack', 'none'],
    ['conformance', 'none'],
    ['fuzz', 'none'],
  ] as const)
    it(`${script} ${args.join(' ')} does not pass for having run nothing`, () => {
      expect(run(script, ...args).status).toBe(2)
    })
})
