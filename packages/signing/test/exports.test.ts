import * as signing from '@morphee/signing'
import { expect, test } from 'vitest'

test('@morphee/signing exports exactly this', () => {
  expect(Object.keys(signing).sort()).toMatchInlineSnapshot(`
    [
      "ENVELOPE_TYPE",
      "LOAD_WINDOW_MS",
      "MAX_ENVELOPES",
      "MAX_ENVELOPE_BYTES",
      "NAME_ANNOTATION",
      "OCI_MANIFEST_TYPE",
      "PAYLOAD_TYPE",
      "REVOCATION_REASONS",
      "SIGNATURE_TYPE",
      "SigningError",
      "THUMBPRINTS_ANNOTATION",
      "VERIFY_STEPS",
      "VERSION_ANNOTATION",
      "WASM_CONFIG_TYPE",
      "WASM_DIGEST_ANNOTATION",
      "WASM_TYPE",
      "createSigners",
      "findKey",
      "formatName",
      "formatPem",
      "formatPolicy",
      "formatPublishers",
      "generateAuthority",
      "generateIdentity",
      "parsePublishers",
      "parseTrustPolicy",
      "recheck",
      "recheckKey",
      "signBlob",
      "signDescriptor",
      "signatureAnnotations",
      "tryParseCertificate",
      "tryParseName",
      "tryParsePem",
      "verifyArtifact",
      "verifyBlob",
      "verifyEnvelope",
    ]
  `)
})
