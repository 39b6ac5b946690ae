import type { Attack } from '../attack.ts'
import { extension, IMPORTS } from '../wat.ts'

export const attack: Attack = {
  name: 'four gigabytes of random bytes in one call',
  tries: 'to have the host make room for them',
  guest: {
    kind: 'extension',
    wat: extension({
      before: IMPORTS.random,
      lowers:
        '(core func $bytes (canon lower (func $random "bytes") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))',
      coreImports: '(import "" "bytes" (func $bytes (param i32 i32)))',
      supply: '(export "bytes" (func $bytes))',
      invoke: 'try (call $bytes (i32.const -1) (i32.const 64)) catch_all end (i32.const 16)',
    }),
  },
  must: { kind: 'trapped', reason: 'host-error' },

  defence: {
    file: 'packages/host/src/node/isolation/guest-imports.ts',
    what: 'random bytes are bounded by the call',
  },
}
