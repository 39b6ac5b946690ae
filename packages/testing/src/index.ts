export {
  type CertificateAuthority,
  type CertificateOptions,
  createCertificateAuthority,
  type ServerCertificate,
} from './loopback/certificate-authority.ts'
export {
  type DnsAnswer,
  type DnsQuestion,
  type DnsServer,
  startDnsServer,
} from './loopback/dns-server.ts'
export type { LoopbackServer } from './loopback/https-server.ts'
export {
  type Loopback,
  type LoopbackOptions,
  type ServeOptions,
  startLoopback,
} from './loopback/loopback.ts'
