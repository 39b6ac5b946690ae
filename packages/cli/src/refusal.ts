/** The command line is wrong; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A person said no, or something was proven wrong; exit code 1, and the message is all there is to say. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}
