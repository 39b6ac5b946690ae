// The Canonical ABI with string-encoding utf16: AssemblyScript's strings are UTF-16 in memory, so a string crosses as its own
// address and length. What the host writes lands in raw heap blocks that are copied and freed at once; the collector's objects
// never leave, so every runtime of the compiler works.

/** Called by the host for what it passes in; the build exports it as `cabi_realloc`. */
export function reallocate(old: usize, oldSize: usize, align: usize, size: usize): usize {
  if (size == 0) return align;
  return old ? heap.realloc(old, size) : heap.alloc(size);
}

/** Takes a string that the host wrote: address and UTF-16 units. */
export function takeString(pointer: usize, length: usize): string {
  if (!length) return "";
  const text = String.UTF16.decodeUnsafe(pointer, length << 1);
  heap.free(pointer);
  return text;
}

/** Takes the string whose address and length stand at `at`. */
export function takeStringAt(at: usize): string {
  return takeString(load<usize>(at), load<usize>(at, 4));
}

/** Takes the `option<string>` at `at`. Only one byte of its tag means something. */
export function takeOptionalStringAt(at: usize): string | null {
  return load<u8>(at) ? takeStringAt(at + 4) : null;
}

/** Takes the `list<u8>` whose address and length stand at `at`. */
export function takeBytesAt(at: usize): Uint8Array {
  const pointer = load<usize>(at);
  const length = load<usize>(at, 4);
  const bytes = new Uint8Array(<i32>length);
  if (length) {
    memory.copy(bytes.dataStart, pointer, length);
    heap.free(pointer);
  }
  return bytes;
}

/** Writes address and length of a string that outlives the call. */
export function putStringAt(at: usize, text: string): void {
  store<usize>(at, changetype<usize>(text));
  store<usize>(at, <usize>text.length, 4);
}

/** Writes an `option<string>`. */
export function putOptionalStringAt(at: usize, text: string | null): void {
  store<u8>(at, text === null ? 0 : 1);
  if (text !== null) putStringAt(at + 4, text);
}
