import { takeBytesAt, takeOptionalStringAt, takeString } from "./abi";
import { Failure, takeFailureAt } from "./failure";

// @ts-ignore
@external("morphee:extension/storage@0.9.0", "get")
declare function hostGet(keyAt: usize, keyLength: usize, result: usize): void;
// @ts-ignore
@external("morphee:extension/storage@0.9.0", "set")
declare function hostSet(keyAt: usize, keyLength: usize, valueAt: usize, valueLength: usize, result: usize): void;
// @ts-ignore
@external("morphee:extension/storage@0.9.0", "delete")
declare function hostDelete(keyAt: usize, keyLength: usize, result: usize): void;
// @ts-ignore
@external("morphee:extension/storage@0.9.0", "keys")
declare function hostKeys(
  prefixAt: usize, prefixLength: usize, limit: u32, hasCursor: i32, cursorAt: usize, cursorLength: usize, result: usize,
): void;

/** Some of the keys; with `cursor`, there are more. */
export class KeyPage {
  failure: Failure | null = null;
  keys: string[] = [];
  cursor: string | null = null;
}

/** What is under a key. */
export class StoredValue {
  failure: Failure | null = null;
  /** The bytes, or null when there is nothing under the key. */
  bytes: Uint8Array | null = null;
}

const area = memory.data(40, 4);

/** The extension's own keys, private per workspace: `storage:read` and `storage:write`. */
export namespace storage {
  export function get(key: string): StoredValue {
    hostGet(changetype<usize>(key), <usize>key.length, area);
    const value = new StoredValue();
    if (load<u8>(area)) value.failure = takeFailureAt(area + 4);
    else if (load<u8>(area, 4)) value.bytes = takeBytesAt(area + 8);
    return value;
  }

  /** Keeps `value` under `key`; the failure, or null when it is done. */
  export function set(key: string, value: Uint8Array): Failure | null {
    hostSet(changetype<usize>(key), <usize>key.length, value.dataStart, <usize>value.length, area);
    return load<u8>(area) ? takeFailureAt(area + 4) : null;
  }

  /** Forgets `key`; the failure, or null when it is done. */
  export function remove(key: string): Failure | null {
    hostDelete(changetype<usize>(key), <usize>key.length, area);
    return load<u8>(area) ? takeFailureAt(area + 4) : null;
  }

  /** The keys that begin with `prefix`, `limit` at a time. */
  export function keys(prefix: string = "", limit: u32 = 100, cursor: string | null = null): KeyPage {
    hostKeys(
      changetype<usize>(prefix), <usize>prefix.length, limit,
      cursor === null ? 0 : 1, cursor === null ? 0 : changetype<usize>(cursor), cursor === null ? 0 : <usize>cursor.length,
      area,
    );
    const page = new KeyPage();
    if (load<u8>(area)) {
      page.failure = takeFailureAt(area + 4);
      return page;
    }
    const pointer = load<usize>(area, 4);
    const length = load<usize>(area, 8);
    for (let i: usize = 0; i < length; i++) {
      page.keys.push(takeString(load<usize>(pointer + (i << 3)), load<usize>(pointer + (i << 3), 4)));
    }
    if (length) heap.free(pointer);
    page.cursor = takeOptionalStringAt(area + 12);
    return page;
  }
}
