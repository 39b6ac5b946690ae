import type { PublisherList } from './publishers.ts'
import type { TrustPolicy } from './policy.ts'

/** What is trusted at one moment: plain data, read whole before it is used. */
export interface Trust {
  readonly policy: TrustPolicy
  /** Certificates in DER that chains may end in, by the name of their store. */
  readonly stores: ReadonlyMap<string, readonly Uint8Array<ArrayBuffer>[]>
  readonly publishers: PublisherList
}

/** Where trust comes from: files, or an update framework in front of them. */
export interface TrustSource {
  /**
   * The trust of now.
   *
   * @throws SigningError `ERR_SIGNING_TRUST_INVALID` when it cannot be read whole, `ERR_SIGNING_STALE_TRUST` when it is older than one read before
   */
  read(): Promise<Trust>
}
