export {
  addTrustedCertificate,
  type CertificateToTrust,
  type KeyToRevoke,
  renewPublishers,
  revokeKey,
  type TrustedCertificate,
} from './edit-trust.ts'
export { createFileTrustSource } from './file-trust-source.ts'
export { PASSPHRASE_VARIABLE, readKeyFile, writeKeyFile } from './key-file.ts'
export { loadSigners, type SignerFiles, writeCertificateFile } from './signer-files.ts'
export { readTrustDirectory } from './trust-directory.ts'
