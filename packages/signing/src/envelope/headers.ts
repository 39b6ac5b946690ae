/** Protected header: how trust is established; always critical. */
export const SCHEME_HEADER = 'io.cncf.notary.signingScheme'
/** Protected header: when the signer says it signed. */
export const TIME_HEADER = 'io.cncf.notary.signingTime'
/** Protected header: when the signature ends; critical where it stands. */
export const EXPIRY_HEADER = 'io.cncf.notary.expiry'
/** Unprotected header: which program signed. */
export const AGENT_HEADER = 'io.cncf.notary.signingAgent'
/** Unprotected header: an RFC 3161 token. Not read here. */
export const TIMESTAMP_HEADER = 'io.cncf.notary.timestampSignature'
/** The one signing scheme taken. */
export const X509_SCHEME = 'notary.x509'
