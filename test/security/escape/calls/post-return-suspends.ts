import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'post-return that calls what suspends',
  tries: 'to sleep after its call has ended',
  guest: {
    kind: 'component',
    wat: `
  (import "pause" (func $pause))
  (core func $pause (canon lower (func $pause)))
  (core module $m (import "" "pause" (func $pause)) (func (export "run")) (func (export "post") (call $pause)))
  (core instance $i (instantiate $m (with "" (instance (export "pause" (func $pause))))))
  (func (export "run") (canon lift (core func $i "run") (post-return (core func $i "post"))))`,
  },
  must: { kind: 'trapped', reason: 'suspend' },
  // A worker and a process ask the host and wait, so that nothing has to sleep.
  mustInHost: { kind: 'trapped', reason: 'abi' },
  mustAt: { thread: { kind: 'trapped', reason: 'suspend' } },
  defence: {
    file: 'packages/component/src/abi/trap.ts',
    what: 'a guest sleeps only where nothing of the host is on its stack, and what V8 throws otherwise is a trap',
  },
}
