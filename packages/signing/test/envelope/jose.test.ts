// The envelope against jose, another implementation of JWS, in both directions.
import { encodeUtf8, toBase64 } from '@morphee/core'
import {
  createSigners,
  type KeyBits,
  OCI_MANIFEST_TYPE,
  PAYLOAD_TYPE,
  type SignatureAlgorithm,
  verifyEnvelope,
} from '@morphee/signing'
import { FlattenedSign, flattenedVerify, importPKCS8, importX509 } from 'jose'
import { formatPem } from '@morphee/signing'
import { expect, test } from 'vitest'
import { EXPIRY, readEnvelope, SCHEME, TIME } from '../forge.ts'
import { buildArtifact, DAY, newIdentity, NOW, signArtifact, trustIn } from '../signed-extension.ts'

const KINDS: readonly (readonly [KeyBits, readonly SignatureAlgorithm[]])[] = [
  [2048, ['PS256']],
  [3072, ['PS384', 'PS256']],
  [4096, ['PS512', 'PS256']],
]
const crit = { [SCHEME]: true, [EXPIRY]: true }

for (const [bits, algorithms] of KINDS) {
  test(`jose verifies what signDescriptor() signs with RSA-${bits}`, async () => {
    const identity = await newIdentity({ bits })
    const built = await buildArtifact()
    const signers = await createSigners(identity)
    expect(signers.map(({ algorithm }) => algorithm)).toEqual(algorithms)
    for (const signer of signers) {
      const envelope = readEnvelope(await signArtifact(built, signer, { expiry: NOW + DAY }))
      const key = await importX509(formatPem('CERTIFICATE', identity.chainDer[0]), signer.algorithm)
      const { payload, protectedHeader } = await flattenedVerify(envelope, key, {
        algorithms: [signer.algorithm],
        crit,
      })
      expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({
        targetArtifact: { digest: built.digest },
      })
      expect(protectedHeader).toEqual({
        alg: signer.algorithm,
        crit: [SCHEME, EXPIRY],
        cty: PAYLOAD_TYPE,
        [SCHEME]: 'notary.x509',
        [TIME]: '2026-11-22T12:00:00Z',
        [EXPIRY]: '2026-11-23T12:00:00Z',
      })
    }
  })

  test(`verifyEnvelope() accepts what jose signs with RSA-${bits}`, async () => {
    const identity = await newIdentity({ bits })
    const built = await buildArtifact()
    const target = {
      mediaType: OCI_MANIFEST_TYPE,
      digest: built.digest,
      size: built.manifestBytes.length,
    }
    for (const alg of algorithms) {
      const key = await importPKCS8(formatPem('PRIVATE KEY', identity.pkcs8), alg)
      const jws = await new FlattenedSign(encodeUtf8(JSON.stringify({ targetArtifact: target })))
        .setProtectedHeader({
          alg,
          cty: PAYLOAD_TYPE,
          crit: [SCHEME],
          [SCHEME]: 'notary.x509',
          [TIME]: '2026-11-22T13:00:00+01:00',
        })
        .setUnprotectedHeader({ x5c: identity.chainDer.map((der) => toBase64(der)) })
        .sign(key, { crit })
      const verified = await verifyEnvelope(encodeUtf8(JSON.stringify(jws)), target, {
        trust: trustIn([identity]),
        now: NOW,
      })
      expect(verified).toMatchObject({
        algorithm: alg,
        keyId: identity.keyId,
        publisher: 'acme',
        signingTime: NOW,
      })
    }
  })
}
