import * as registryServer from '@morphee/registry-server'
import { expect, test } from 'vitest'

test('@morphee/registry-server exports exactly these names', () => {
  expect(Object.keys(registryServer).sort()).toMatchInlineSnapshot(`
    [
      "createRegistryHandler",
      "startRegistryServer",
    ]
  `)
})
