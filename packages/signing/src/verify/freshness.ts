import { refuse } from './refuse.ts'
import type { VerifyStep } from './step.ts'
import type { PublisherList } from '../trust/publishers.ts'

/** How long what is installed runs on after the list of publishers went stale: 7 days. */
export const LOAD_WINDOW_MS: number = 7 * 86_400_000

/** Refuses to rely on a list of publishers that is past its time (plus `windowMs`), because a revocation may be missing from it. */
export function assertFresh(
  list: PublisherList,
  now: number,
  windowMs: number,
  step: VerifyStep,
): void {
  if (now < Date.parse(list.expires) + windowMs) return
  throw refuse(
    step,
    'ERR_SIGNING_STALE_TRUST',
    `Cannot rely on the list of publishers: it was valid until ${list.expires}`,
  )
}
