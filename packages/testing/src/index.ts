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
export {
  type ContractViolation,
  type JiraDouble,
  type JiraDoubleOptions,
  type JiraFault,
  type JiraRequest,
  startJiraDouble,
} from './jira/jira-double.ts'
export type { JiraIssue, JiraProject } from './jira/jira-issue.ts'
export {
  type Contract,
  type ContractDescription,
  type ContractOperation,
  createContract,
} from './openapi/contract.ts'
export * from './wasm/index.ts'
