import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a module that imports the memory of the interruption by its name',
  tries: 'to hold the flag that stops it',
  guest: {
    kind: 'embedder',
    drive: ({ compile }) =>
      compile(
        alone(
          '(import "morphee:rewriter" "interruption" (memory 1 1)) (func (export "run"))',
        ).replace(
          '(core instance $i (instantiate $m))',
          '(core module $n (memory (export "interruption") 1 1)) (core instance $n (instantiate $n)) (core instance $i (instantiate $m (with "morphee:rewriter" (instance $n))))',
        ),
        { interruption: 'flag' },
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/core/rewrite.ts',
    what: "the name is the engine's own where the interruption is",
  },
}
