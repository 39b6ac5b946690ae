import * as api from '@morphee/component'
import { expect, test } from 'vitest'

test('@morphee/component exports these names', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "Component",
      "ComponentError",
      "ComponentInstance",
      "DEFAULT_LIMITS",
      "EngineError",
      "InterruptionFlag",
      "InterruptionFuel",
      "MemoryPool",
      "canSuspend",
      "createCodec",
      "formatTrapFrame",
      "raiseInterruption",
      "resolveImportName",
      "sameFuncType",
      "sameValueType",
    ]
  `)
})
