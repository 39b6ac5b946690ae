import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeUtf8 } from '@morphee/core'
import { formatPem, verifyArtifact } from '@morphee/signing'
import {
  addTrustedCertificate,
  createFileTrustSource,
  readKeyFile,
  writeKeyFile,
} from '@morphee/signing/node'
import { expect, test } from 'vitest'
import {
  buildArtifact,
  newIdentity,
  NOW,
  signArtifact,
  signerOf,
  toVerify,
} from '../signed-extension.ts'

test('a key goes to a file and its certificate to the trust directory, and what it signs verifies', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'morphee-signing-'))
  try {
    const identity = await newIdentity()
    await writeKeyFile(join(directory, 'acme.key'), identity.pkcs8, 'correct horse')
    const pkcs8 = await readKeyFile(join(directory, 'acme.key'), 'correct horse')
    expect(pkcs8).toEqual(identity.pkcs8)
    const trustDirectory = join(directory, 'trust')
    const certificate = encodeUtf8(formatPem('CERTIFICATE', identity.chainDer[0]))
    await addTrustedCertificate(trustDirectory, {
      certificate,
      publisher: { id: 'acme', name: 'Acme GmbH' },
      now: NOW,
    })
    const trust = await createFileTrustSource(trustDirectory).read()
    const built = await buildArtifact()
    const envelope = await signArtifact(built, await signerOf({ ...identity, pkcs8 }))
    expect(await verifyArtifact(toVerify(built, [envelope], trust))).toMatchObject({
      publisher: 'acme',
    })
  } finally {
    await rm(directory, { recursive: true })
  }
})
