import type { Attack } from '../attack.ts'
import { extension, IMPORTS } from '../wat.ts'

export const attack: Attack = {
  name: 'a setting called constructor that nobody filled in',
  tries: 'to be given what every object inherits',
  guest: {
    kind: 'extension',
    wat: extension({
      before: IMPORTS.config,
      fields: '(data (i32.const 96) "constructor")',
      lowers:
        '(core func $get (canon lower (func $config "get") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))',
      coreImports: '(import "" "get" (func $get (param i32 i32 i32)))',
      supply: '(export "get" (func $get))',
      invoke:
        '(call $get (i32.const 96) (i32.const 11) (i32.const 64)) (if (i32.load8_u (i32.const 64)) (then unreachable)) (i32.const 16)',
    }),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/host/src/node/isolation/guest-imports.ts',
    what: 'settings are those of the installation alone',
  },
}
