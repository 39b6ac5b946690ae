import * as testing from '@morphee/testing'
import { expect, test } from 'vitest'

test('the package exports these names', () => {
  expect(Object.keys(testing).toSorted()).toMatchInlineSnapshot(`
    [
      "ComponentBuilder",
      "buildModule",
      "bumpRealloc",
      "createCertificateAuthority",
      "createContract",
      "op",
      "startDnsServer",
      "startJiraDouble",
      "startLoopback",
    ]
  `)
})
