import * as node from '@morphee/signing/node'
import { expect, test } from 'vitest'

test('@morphee/signing/node exports exactly this', () => {
  expect(Object.keys(node).sort()).toMatchInlineSnapshot(`
    [
      "PASSPHRASE_VARIABLE",
      "addTrustedCertificate",
      "createFileTrustSource",
      "loadSigners",
      "readKeyFile",
      "readTrustDirectory",
      "renewPublishers",
      "revokeKey",
      "writeCertificateFile",
      "writeKeyFile",
    ]
  `)
})
