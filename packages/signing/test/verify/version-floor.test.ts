import { type Identity, signBlob, verifyBlob } from '@morphee/signing'
import { beforeAll, expect, test } from 'vitest'
import {
  buildArtifact,
  newIdentity,
  NOW,
  signerOf,
  toVerify,
  trustIn,
} from '../signed-extension.ts'

let good: Identity

beforeAll(async () => {
  good = await newIdentity()
})

async function install(version: string, installedFloor: string): Promise<unknown> {
  const built = await buildArtifact({ version })
  const envelope = await signBlob(built.wasm, await signerOf(good), { signingTime: NOW })
  return verifyBlob(toVerify(built, [envelope], trustIn([good]), { asked: {}, installedFloor }))
}

// Semantic Versioning 2.0.0 section 11, from old to new.
const ASCENDING = [
  '0.0.9',
  '0.9.0',
  '0.10.0',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1',
  '1.2.0',
  '1.10.0',
  '2.0.0',
  '9007199254740991.0.0',
]

for (const [i, version] of ASCENDING.entries()) {
  test(`verifyBlob() takes ${version} over itself and what is older, and refuses it over what is newer`, async () => {
    await install(version, version)
    if (i > 0) await install(version, ASCENDING[i - 1]!)
    const newer = ASCENDING[i + 1]
    if (newer !== undefined)
      await expect(install(version, newer)).rejects.toThrowCode('ERR_SIGNING_ROLLBACK')
  })
}

test('verifyBlob() counts build metadata for nothing', async () => {
  await install('1.0.0+a', '1.0.0+b')
})

for (const version of [
  '1.0',
  '1.0.0.0',
  'v1.0.0',
  ' 1.0.0',
  '9007199254740992.0.0',
  '01.0.0',
  '1.0.0-01',
  '1.0.0-',
  '',
  'latest',
  `1.0.0-${'a'.repeat(300)}`,
]) {
  test(`verifyBlob() refuses ${JSON.stringify(version.slice(0, 20))} over any floor: it cannot be compared`, async () => {
    await expect(install(version, '0.0.1')).rejects.toThrowCode('ERR_SIGNING_ROLLBACK')
  })
}
