// Every rule of the certificate profile, broken by itself in a certificate that is trusted and otherwise right.
import {
  AlgorithmIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  Extension,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_kp_codeSigning,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  type TBSCertificate,
  Time,
} from '@peculiar/asn1-x509'
import { generateAuthority, type Identity, verifyArtifact } from '@morphee/signing'
import { beforeAll, expect, test } from 'vitest'
import { forge } from '../forge.ts'
import {
  buildArtifact,
  type BuiltArtifact,
  newIdentity,
  NOW,
  SUBJECT,
  toVerify,
  trustIn,
} from '../signed-extension.ts'
import { oddIdentity, type OddOptions, withExtension, withoutExtension } from './odd-certificate.ts'

let good: Identity
let authority: Identity
let issued: Identity
let built: BuiltArtifact

beforeAll(async () => {
  good = await newIdentity()
  authority = await generateAuthority({
    subject: { ...SUBJECT, organization: 'Platform' },
    now: NOW,
  })
  issued = await newIdentity({}, authority)
  built = await buildArtifact()
})

async function verify(identity: Identity): Promise<unknown> {
  return verifyArtifact(
    toVerify(built, [await forge(built, good, { signAs: identity })], trustIn([identity])),
  )
}

const usage =
  (flags: number, critical = true) =>
  (tbs: TBSCertificate) =>
    withExtension(tbs, id_ce_keyUsage, critical, new KeyUsage(flags))
const purposes =
  (...list: string[]) =>
  (tbs: TBSCertificate) =>
    withExtension(tbs, id_ce_extKeyUsage, false, new ExtendedKeyUsage(list))
const { digitalSignature, nonRepudiation, keyCertSign, cRLSign, keyEncipherment } = KeyUsageFlags

const taken: Readonly<Record<string, OddOptions>> = {
  'as it is': {},
  'without basic constraints': { edit: (tbs) => withoutExtension(tbs, id_ce_basicConstraints) },
  'without extended key usage': { edit: (tbs) => withoutExtension(tbs, id_ce_extKeyUsage) },
  'with non-repudiation': { edit: usage(digitalSignature | nonRepudiation) },
  'with another purpose that is not a foreign one': {
    edit: purposes(id_kp_codeSigning, '1.3.6.1.4.1.311.10.3.13'),
  },
  'with an unknown extension that is not critical': {
    edit: (tbs) => withExtension(tbs, '1.2.3.4', false, new Uint8Array([5, 0])),
  },
}
for (const [what, options] of Object.entries(taken)) {
  test(`verifyArtifact() takes a signing certificate ${what}`, async () => {
    await verify(await oddIdentity(good, options))
  })
}

const refusedLeaves: Readonly<Record<string, OddOptions>> = {
  'that is an authority': {
    edit: (tbs) =>
      withExtension(tbs, id_ce_basicConstraints, true, new BasicConstraints({ cA: true })),
  },
  'without key usage': { edit: (tbs) => withoutExtension(tbs, id_ce_keyUsage) },
  'with a key usage that is not critical': { edit: usage(digitalSignature, false) },
  'that may sign certificates': { edit: usage(digitalSignature | keyCertSign) },
  'that may encipher keys': { edit: usage(digitalSignature | keyEncipherment) },
  'that may not sign': { edit: usage(nonRepudiation) },
  'for servers only': { edit: purposes(id_kp_serverAuth) },
  'for servers too': { edit: purposes(id_kp_codeSigning, id_kp_serverAuth) },
  'for any purpose': { edit: purposes('2.5.29.37.0', id_kp_codeSigning) },
  'with an unknown critical extension': {
    edit: (tbs) => withExtension(tbs, '1.2.3.4', true, new Uint8Array([5, 0])),
  },
  'with name constraints': {
    edit: (tbs) => withExtension(tbs, id_ce_nameConstraints, false, new Uint8Array([0x30, 0])),
  },
  'whose basic constraints cannot be read': {
    edit: (tbs) => withExtension(tbs, id_ce_basicConstraints, true, new Uint8Array([1, 2, 3])),
  },
  'signed with SHA-1': { hash: 'SHA-1' },
  'whose own signature is broken': {
    editOuter: (certificate) => {
      new Uint8Array(certificate.signatureValue)[9]! ^= 1
    },
  },
  'that names another issuer': {
    edit: (tbs) => {
      tbs.issuer.pop()
    },
  },
}
for (const [what, options] of Object.entries(refusedLeaves)) {
  test(`verifyArtifact() refuses a signing certificate ${what}`, async () => {
    await expect(verify(await oddIdentity(good, options))).rejects.toThrowCode('ERR_SIGNING_CHAIN')
  })
}

const unreadable: Readonly<Record<string, OddOptions>> = {
  'over RSA-1024': { key: { bits: 1024 } },
  'over RSA-2560': { key: { bits: 2560 } },
  'with the exponent 3': { key: { exponent: [3] } },
  'that ends before it begins': {
    edit: (tbs) => {
      tbs.validity.notAfter = new Time(new Date(tbs.validity.notBefore.getTime().getTime() - 1000))
    },
  },
  'of version 1': {
    edit: (tbs) => {
      tbs.version = 0
    },
  },
  'with an extension twice': {
    edit: (tbs) => {
      tbs.extensions!.push(tbs.extensions![0]!)
    },
  },
  'whose outer algorithm is another': {
    editOuter: (certificate) => {
      certificate.signatureAlgorithm = new AlgorithmIdentifier({
        algorithm: '1.2.840.113549.1.1.12',
        parameters: new Uint8Array([5, 0]).buffer,
      })
    },
  },
  'of 17 KiB': {
    edit: (tbs) => {
      tbs.extensions!.push(
        new Extension({ extnID: '1.2.3', extnValue: tbs.extensions![0]!.extnValue }),
      )
      withExtension(tbs, '1.2.3', false, new Uint8Array(17 * 1024))
    },
  },
  'over an id-RSASSA-PSS key': {
    edit: (tbs) => {
      tbs.subjectPublicKeyInfo.algorithm = new AlgorithmIdentifier({
        algorithm: '1.2.840.113549.1.1.10',
      })
    },
  },
}
for (const [what, options] of Object.entries(unreadable)) {
  test(`verifyArtifact() refuses a signing certificate ${what}`, async () => {
    await expect(verify(await oddIdentity(good, options))).rejects.toThrowCode(
      'ERR_SIGNING_ENVELOPE',
    )
  })
}

const refusedIssuers: Readonly<Record<string, (tbs: TBSCertificate) => void>> = {
  'is no authority': (tbs) =>
    withExtension(tbs, id_ce_basicConstraints, true, new BasicConstraints({ cA: false })),
  'has basic constraints that are not critical': (tbs) =>
    withExtension(tbs, id_ce_basicConstraints, false, new BasicConstraints({ cA: true })),
  'has no basic constraints': (tbs) => withoutExtension(tbs, id_ce_basicConstraints),
  'may not sign certificates': usage(cRLSign),
  'is for servers': purposes(id_kp_serverAuth),
}
for (const [what, edit] of Object.entries(refusedIssuers)) {
  test(`verifyArtifact() refuses a certificate whose issuer ${what}`, async () => {
    const root = await oddIdentity(authority, { edit })
    await expect(
      verify({ ...issued, chainDer: [issued.chainDer[0], root.chainDer[0]] }),
    ).rejects.toThrowCode('ERR_SIGNING_CHAIN')
  })
}

test('verifyArtifact() refuses an authority below one that allows none', async () => {
  // The middle is a signing certificate of the authority, made an authority by the same key that signs both.
  const template = await newIdentity({ bits: 3072 }, authority)
  const middle = await oddIdentity(
    template,
    {
      edit: (tbs) => {
        withExtension(tbs, id_ce_basicConstraints, true, new BasicConstraints({ cA: true }))
        usage(keyCertSign)(tbs)
      },
    },
    authority,
  )
  const leaf = await newIdentity({ subject: { ...SUBJECT, commonName: 'leaf' } }, middle)
  expect(leaf.chainDer).toHaveLength(3)
  await expect(verify(leaf)).rejects.toThrowCode('ERR_SIGNING_CHAIN')
  const permissive = await oddIdentity(authority, {
    edit: (tbs) =>
      withExtension(tbs, id_ce_basicConstraints, true, new BasicConstraints({ cA: true })),
  })
  await verify({ ...leaf, chainDer: [leaf.chainDer[0], leaf.chainDer[1]!, permissive.chainDer[0]] })
})

test('verifyArtifact() refuses a subject that has the trusted organization twice', async () => {
  const doubled = await oddIdentity(good, {
    edit: (tbs) => {
      tbs.subject.push(tbs.subject[2]!)
      tbs.issuer.push(tbs.issuer[2]!)
    },
  })
  await expect(verify(doubled)).rejects.toThrowCode('ERR_SIGNING_UNTRUSTED')
})

test('verifyArtifact() refuses a root that stands before the end of a chain too', async () => {
  const root = await oddIdentity(authority, {
    edit: (tbs) =>
      withExtension(tbs, id_ce_basicConstraints, true, new BasicConstraints({ cA: true })),
  })
  const [leaf] = issued.chainDer
  await verify({ ...issued, chainDer: [leaf, root.chainDer[0]] })
  const twice = verify({ ...issued, chainDer: [leaf, root.chainDer[0], root.chainDer[0]] })
  await expect(twice).rejects.toThrowCode('ERR_SIGNING_CHAIN')
})

test('verifyArtifact() says that SHA-1 is the reason, not a broken signature', async () => {
  const refused = verify(await oddIdentity(good, { hash: 'SHA-1' }))
  await expect(refused).rejects.toThrow(
    'a certificate is signed with an algorithm that is not taken',
  )
})
