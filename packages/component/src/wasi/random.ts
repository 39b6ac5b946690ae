import { WasiFault } from './fault.ts'
import type { WasiWorld } from './ports.ts'

/** Most bytes of randomness at once. */
const MAX_BYTES = 1024 * 1024

/** The interfaces of `wasi:random`. Insecure randomness is as good as any: there is one source. */
export function createRandom({ randomBytes }: WasiWorld): Readonly<Record<string, object>> {
  const bytes = (length: bigint): Uint8Array => {
    // The function cannot fail, so asking for the heap of the host is a fault.
    if (length > BigInt(MAX_BYTES))
      throw new WasiFault(`more than ${MAX_BYTES} random bytes were asked for at once`)
    return randomBytes(Number(length))
  }
  const word = (): bigint => new DataView(bytes(8n).slice().buffer).getBigUint64(0, true)
  return {
    random: { getRandomBytes: bytes, getRandomU64: word },
    insecure: { getInsecureRandomBytes: bytes, getInsecureRandomU64: word },
    'insecure-seed': { insecureSeed: () => [word(), word()] },
  }
}
