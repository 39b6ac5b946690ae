import * as egress from '@morphee/egress'
import * as node from '@morphee/egress/node'
import { expect, test } from 'vitest'

test('the root exports these names', () => {
  expect(Object.keys(egress).toSorted()).toMatchInlineSnapshot(`
    [
      "EgressError",
      "REDACTION",
      "createEgress",
      "findGuestAuth",
      "isAddressRange",
      "namesMethod",
      "specialRange",
    ]
  `)
})

test('the Node entry exports these names', () => {
  expect(Object.keys(node).toSorted()).toMatchInlineSnapshot(`
    [
      "createDnsResolver",
      "createSystemResolver",
      "createUndiciTransport",
    ]
  `)
})
