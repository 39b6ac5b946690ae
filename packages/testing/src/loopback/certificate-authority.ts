// tsyringe, inside of @peculiar/x509, refuses to load without it.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const KEY = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000

/** What a server shows and signs with, in PEM. */
export interface ServerCertificate {
  readonly key: string
  readonly cert: string
}

/** How one certificate differs from a good one. */
export interface CertificateOptions {
  /** Names and IP addresses it is for. @default the host it is issued to */
  readonly names?: readonly string[]
  /** @default a day ago */
  readonly notBefore?: Date
  /** @default in a day */
  readonly notAfter?: Date
}

/** A certificate authority that exists as long as its object. */
export interface CertificateAuthority {
  /** The authority's own certificate in PEM, to be trusted by the clients under test. */
  readonly root: string
  issue(host: string, options?: CertificateOptions): Promise<ServerCertificate>
}

/** Makes an authority with a fresh key. */
export async function createCertificateAuthority(): Promise<CertificateAuthority> {
  const keys = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify'])
  const name = 'CN=Loopback test authority'
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: KEY,
    serialNumber: serial(),
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    root: root.toString('pem'),
    async issue(host, options = {}) {
      const leaf = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify'])
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${(options.names?.[0] ?? host).slice(0, 64)}`,
        issuer: name,
        publicKey: leaf.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: KEY,
        serialNumber: serial(),
        notBefore: options.notBefore ?? new Date(Date.now() - DAY_MS),
        notAfter: options.notAfter ?? new Date(Date.now() + DAY_MS),
        extensions: [
          new x509.SubjectAlternativeNameExtension(
            (options.names ?? [host]).map((value) => ({
              type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const),
              value,
            })),
          ),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      })
      const pkcs8 = await crypto.subtle.exportKey('pkcs8', leaf.privateKey)
      return {
        cert: certificate.toString('pem'),
        key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
      }
    },
  }
}

function serial(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16)))
    .toString('hex')
    .replace(/^./, '1')
}
