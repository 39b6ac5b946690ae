/** One reason why a value does not fit a schema, or a schema is none. */
export interface SchemaIssue {
  /** JSON Pointer (RFC 6901) into the value; empty for the whole. */
  readonly pointer: string
  /** In plain words, to follow the pointer: "must be a whole number". */
  readonly message: string
}

/** `pointer` with one more step, escaped after RFC 6901. */
export function appendPointer(pointer: string, step: string | number): string {
  return `${pointer}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
