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
  /**
   * Hands a message in. The guest may be on its stack for `stackMs` until something comes out again: a cell in the host's own
   * thread keeps to it, because there the host's timers stand still.
   */
  post(message: ToGuest, stackMs: number): void
  /**
   * Holds the guest, which waits for an answer, to waiting: it cannot compute until what is returned is called, or `onComputed`
   * hears how many milliseconds it did. Missing where a guest that waits is not on any stack.
   */
  hold?(onComputed: (ms: number) => void): () => void
  /** While referenced, it keeps the host's process alive. */
  ref(): void
  unref(): void
  /** Ends it whatever runs inside; settles when nothing of it is left. */
  kill(): Promise<void>
}

/** One kind of cell, for one host. */
export interface CellKind {
  /** Whether a guest that waits for a person can be held to waiting: only then may its time stand still. */
  readonly holds: boolean
  /** Opens a cell that speaks to `listener`. */
  open(listener: CellListener): GuestCell
  /** Drops what is kept of this code beside the cells. */
  forget?(digest: string): void
  close?(): Promise<void>
}
