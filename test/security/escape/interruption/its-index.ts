import { Component } from '@morphee/component'
import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

/** A module with one memory whose function stores to memory 1. */
function memoryBehindTheLast(): Uint8Array {
  const c = new ComponentBuilder()
  const store = [0, 0x41, 0, 0x41, 0, 0x36, 0x42, 1, 0, 0x0b]
  c.module(
    Uint8Array.from(
      [
        [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        [1, 4, 1, 0x60, 0, 0],
        [3, 2, 1, 0],
        [5, 3, 1, 0, 1],
        [10, store.length + 2, 1, store.length],
        store,
      ].flat(),
    ),
  )
  return c.build()
}

export const attack: Attack = {
  name: 'an access to the memory behind the last one of the module',
  tries: 'to reach the flag that stops it',
  guest: {
    kind: 'embedder',
    drive: () => Component.compile(memoryBehindTheLast(), { interruption: 'flag' }),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/core/compile-core.ts',
    what: 'a module is valid as it was written, before anything is rewritten',
  },
}
