import type { FromGuest, ToGuest } from './protocol.ts'

/** Told of everything that comes out of a cell. */
export interface CellListener {
  onMessage(message: FromGuest): void
  /** The cell ended, or what came out of it cannot have come from us; it is of no more use. */
  onDeath(death: CellDeath): void
}

/** Why a cell ended by itself. */
export interface CellDeath {
  readonly outOfMemory: boolean
  readonly cause: Error
}

/**
 * A place where guests run, one call at a time: a worker thread, a child process, or a part of the host's own thread.
 *
 * It holds no secret and no authority. It serves one workspace, and ends with it.
 */
export interface GuestCell {
  /** Settles when it can take a message; what is posted before waits in its queue. */
  readonly ready: Promise<void>
  post(message: ToGuest): void
  /** While referenced, it keeps the host's process alive. */
  ref(): void
  unref(): void
  /** Ends it whatever runs inside; settles when nothing of it is left. */
  kill(): Promise<void>
}

/** Opens a cell that speaks to `listener`. */
export type OpenCell = (listener: CellListener) => GuestCell
