// Functions that V8 would compile for minutes at their first call, in gigabytes: no flag is looked at meanwhile, and no thread ended.
import { describe, expect, test } from 'vitest'
import { rewriteModule } from '../src/core/rewrite.ts'
import { readModule } from './fuzz/observe.ts'
import { parseWat } from './toolchain.ts'

const times = (count: number, code: string): string => code.repeat(count)
const locals = (count: number): string => `(local ${times(count, 'i64 ')})`
const THOUSAND = `(func $give (result ${times(1000, 'i32 ')}) unreachable)`

/** Code of a function with an `i32` parameter, and what stands beside the function. */
const BOMBS: Readonly<Record<string, readonly [code: string, beside?: string]>> = {
  'conditions over many locals': [locals(49_000) + times(1000, 'local.get 0 if end ')],
  'branches over many locals': [
    `${locals(49_000)} block ${times(1000, 'local.get 0 br_if 0 ')} end`,
  ],
  'branches by a table over many locals': [
    `${locals(49_000)} local.get 0 br_table ${times(1000, '0 ')}`,
  ],
  'loops over many locals': [locals(49_000) + times(1000, 'loop end ')],
  'handlers over many locals': [
    `${locals(49_000)} block ${times(1000, 'try_table (catch_all 0) end ')} end`,
  ],
  'calls, each with a check, over many locals': [
    locals(49_000) + times(1000, 'block local.get 0 call $f end '),
  ],
  'fills, each with a check, over many locals': [
    locals(49_000) + times(1000, '(memory.fill (i32.const 0) (i32.const 0) (i32.const 1))'),
  ],
  'long code, with a check now and then, over many locals': [
    locals(49_000) + times(100_000, 'local.get 0 drop '),
  ],
  'conditions over a high stack': [
    `${times(10_000, 'local.get 0 ')} ${times(2000, 'local.get 0 if end ')} unreachable`,
  ],
  'conditions over a stack of what calls gave': [
    `${times(100, 'call $give ')} ${times(200, 'local.get 0 if end ')} unreachable`,
    THOUSAND,
  ],
  'conditions over a stack of what a block gave': [
    `${times(50, 'block (type $many) call $give end ')} ${times(400, 'local.get 0 if end ')} unreachable`,
    `(type $many (func (result ${times(1000, 'i32 ')}))) ${THOUSAND}`,
  ],
  'calls that give very much': [`${times(10_000, 'call $give ')} unreachable`, THOUSAND],
  'a high stack that code which never runs seems to take down': [
    `block unreachable ${times(20_000, 'drop ')} ${times(1000, 'if end ')} end ${times(10_000, 'local.get 0 ')} ${times(1100, 'local.get 0 if end ')} unreachable`,
  ],
  'many functions with as much as one may have': [
    locals(1000) + times(1400, 'local.get 0 if end '),
    times(10, `(func (param i32) ${locals(1000)} ${times(1400, 'local.get 0 if end ')})`),
  ],
  'very deep code': [times(60_000, 'block ') + times(60_000, 'end ')],
}

/** As much of the one, without the other. */
const FINE: Readonly<Record<string, string>> = {
  'many locals': `${locals(49_000)} local.get 0 if end`,
  'a function with as much as it may have, in a module as long as that': `${locals(1000)} ${times(1400, 'local.get 0 if end ')} ${times(300_000, 'local.get 0 drop ')}`,
  'many conditions': times(100_000, 'local.get 0 if end '),
  'many conditions behind numbers that are gone': `${times(10_000, 'local.get 0 drop ')} ${times(10_000, 'local.get 0 if end ')}`,
  'many conditions behind a block that left nothing': `block ${times(10_000, 'local.get 0 ')} br 0 end ${times(10_000, 'local.get 0 if end ')}`,
  'deep code': times(10_000, 'block ') + times(10_000, 'end '),
}

async function rewritten(code: string, beside = ''): Promise<void> {
  const bytes = await parseWat(
    `(module (memory 1) ${beside} (func $f (export "f") (param i32) ${code}))`,
  )
  expect(WebAssembly.validate(bytes as BufferSource)).toBe(true)
  rewriteModule(bytes, readModule(bytes), { tableElements: 1000 }, 'termination')
}

describe('a module', () => {
  for (const [what, [code, beside]] of Object.entries(BOMBS))
    test(`is refused for ${what}`, async () => {
      await expect(rewritten(code, beside)).rejects.toThrowCode('ERR_COMPONENT_LIMIT')
    })

  for (const [what, code] of Object.entries(FINE))
    test(`may have ${what}`, async () => {
      await expect(rewritten(code)).resolves.toBeUndefined()
    })
})
