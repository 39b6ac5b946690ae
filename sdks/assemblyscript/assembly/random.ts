import { takeBytesAt } from "./abi";

// @ts-ignore
@external("morphee:extension/random@0.9.0", "bytes")
declare function hostBytes(count: u32, result: usize): void;

const area = memory.data(8, 4);

/** Cryptographically secure random numbers. */
export namespace random {
  /** At most 64 KiB in one call. */
  export function bytes(count: u32): Uint8Array {
    hostBytes(count, area);
    return takeBytesAt(area);
  }
}
