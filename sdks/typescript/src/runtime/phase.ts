// The top level of an extension runs once, while it is built, and the result is part of the file; there is no host then, and
// whatever time or random number it took would be the same in every call.

let running = false

/** The first call has begun. */
export function beginRunning(): void {
  running = true
}

/** Whether a host is there to be asked. */
export function isRunning(): boolean {
  return running === true
}

/** Refuses what only a host can say. */
export function assertRunning(what: string): void {
  if (!isRunning())
    throw new Error(
      `${what} is not known while the extension is built; ask in an action, not at the top level of a file`,
    )
}
