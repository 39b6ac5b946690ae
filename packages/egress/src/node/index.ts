export type { DialTarget } from './connect.ts'
export { createDnsResolver, createSystemResolver, type DnsResolverOptions } from './dns-resolver.ts'
export { createUndiciTransport, type UndiciTransportOptions } from './undici-transport.ts'
