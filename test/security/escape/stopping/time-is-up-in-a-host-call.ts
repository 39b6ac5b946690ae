import type { Attack } from '../attack.ts'
import { extension, IMPORTS } from '../wat.ts'

export const attack: Attack = {
  name: 'a host call that takes longer than the guest may take, and a guest that swallows everything',
  tries: 'to wait for ever, or go on when its time is up',
  guest: {
    kind: 'extension',
    wat: extension({
      before: IMPORTS.http,
      fields:
        '(data (i32.const 96) "GET") (data (i32.const 112) "https://silent.services.example/")',
      lowers:
        '(core func $read (canon lower (func $http "read") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))',
      coreImports: `(import "" "read" (func $read (param ${'i32 '.repeat(15)})))`,
      supply: '(export "read" (func $read))',
      invoke: `(loop $again try (call $read (i32.const 96) (i32.const 3) (i32.const 112) (i32.const 32) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256)) catch_all end (br $again)) unreachable`,
    }),
    manifest: {
      permissions: [{ 'http:read': { urls: ['https://silent.services.example/**'], reason: 'x' } }],
      limits: { 'wall-time': '500 ms' },
    },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'wall-time' },

  defence: {
    file: 'packages/host/src/node/isolation/lease.ts',
    what: 'waiting for the host counts as time of the call',
  },
}
