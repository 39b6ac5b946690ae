/** The command line is wrong; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The answer is no and has been given, to people and programs; exit code 1. */
export class AnsweredNo extends Error {
  override readonly name = 'AnsweredNo'
}

/** A person said no, or something was proven wrong; exit code 1, and the message is all there is to say. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}
