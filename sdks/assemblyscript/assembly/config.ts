import { takeOptionalStringAt } from "./abi";

// @ts-ignore
@external("morphee:extension/config@0.9.0", "get")
declare function hostGet(pointer: usize, length: usize, result: usize): void;

const area = memory.data(12, 4);

/** What the person who installed the extension filled in. */
export namespace config {
  /** JSON text of one setting, or null when it is unset and has no default. */
  export function get(key: string): string | null {
    hostGet(changetype<usize>(key), <usize>key.length, area);
    return takeOptionalStringAt(area);
  }
}
