import type { Attack } from '../attack.ts'
import { words, extension } from '../wat.ts'

export const attack: Attack = {
  name: 'an answer with members called __proto__ and constructor',
  tries: 'to change what every object inherits',
  guest: {
    kind: 'extension',
    wat: extension({
      fields: `(data (i32.const 64) "${words(0, 96, 78)}") (data (i32.const 96) "{\\"__proto__\\":{\\"polluted\\":1},\\"constructor\\":{\\"prototype\\":{\\"polluted\\":1}}}              ")`,
      invoke: '(i32.const 64)',
    }),
    drive: async ({ test, extension }) => {
      const { output } = await test.call(extension, 'go')
      // What is called so is a member like any other, and nothing else knows of it.
      if (!Object.hasOwn(output as object, '__proto__')) throw new Error('a member was lost')
      if ((output as Record<string, unknown>)['polluted'] !== undefined)
        throw new Error('it became the prototype')
      if (({} as Record<string, unknown>)['polluted'] !== undefined)
        throw new Error('it became every prototype')
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/host/src/invocation/invoke.ts',
    what: 'an answer is data, whatever its members are called',
  },
}
