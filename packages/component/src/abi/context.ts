import type { Frame } from '../run/frame.ts'
import { abiTrap, trapped } from './trap.ts'

export type FlatValue = number | bigint

/** What a borrow lent to a call must be given back to when the call ends. */
export interface BorrowScope {
  /** Handles lifted as borrows, lent until the call returns. */
  readonly lent: { lends: number }[]
  /** Objects handed out for borrows; they are worth nothing after the call. */
  readonly handed: { live: boolean }[]
  /** Borrowed handles that the callee holds and must drop before it returns. */
  held: number
}

export function openBorrows(): BorrowScope {
  return { lent: [], handed: [], held: 0 }
}

/** Ends a call: what was lent comes back, and nothing may still be held. */
export function closeBorrows(scope: BorrowScope): void {
  for (const handle of scope.lent) handle.lends--
  for (const state of scope.handed) state.live = false
  if (scope.held > 0) throw abiTrap('borrow handles still remain at the end of the call')
}

/**
 * One lift or lower of one instance: its memory, its allocator and what the current call may still use.
 *
 * Views are renewed only when the memory's buffer changed, which only guest code can do: at the start of a call and after `realloc`.
 */
export class CallContext {
  readonly frame: Frame
  readonly #memory: WebAssembly.Memory | undefined
  readonly #realloc: ((...args: number[]) => number) | undefined
  bytes: Uint8Array = EMPTY
  view: DataView = EMPTY_VIEW
  borrows: BorrowScope | undefined
  /** Whether what is lifted now goes to the host, or on to another guest, which gets exactly what the first one sent. */
  forHost = false
  #left = 0

  constructor(
    frame: Frame,
    memory: WebAssembly.Memory | undefined,
    realloc: ((...args: number[]) => number) | undefined,
  ) {
    this.frame = frame
    this.#memory = memory
    this.#realloc = realloc
  }

  /** Starts a lift or a lower. */
  begin(): void {
    const { store } = this.frame
    this.#left = store.limits.maxCallBytes - store.carried
    this.refresh()
  }

  /** Bytes counted since {@link begin}. */
  get charged(): number {
    const { store } = this.frame
    return store.limits.maxCallBytes - store.carried - this.#left
  }

  refresh(): void {
    const memory = this.#memory
    if (memory !== undefined && memory.buffer !== this.bytes.buffer) {
      this.bytes = new Uint8Array(memory.buffer)
      this.view = new DataView(memory.buffer)
    }
  }

  /** Counts bytes that cross the boundary, before anything is allocated for them. */
  charge(bytes: number): void {
    this.#left -= bytes
    if (this.#left < 0)
      throw trapped(
        'limit',
        `more than ${this.frame.store.limits.maxCallBytes} bytes crossed the boundary in calls that are under way`,
      )
  }

  /** Checks that `size` bytes at `pointer` exist and are aligned. */
  check(pointer: number, size: number, align: number): void {
    if (pointer % align !== 0) throw abiTrap(`pointer ${pointer} is not aligned to ${align}`)
    if (pointer + size > this.bytes.length)
      throw abiTrap(`string or list out of bounds: ${size} bytes at ${pointer}`)
  }

  /** Asks the guest for `size` bytes, and checks what it gives. */
  alloc(align: number, size: number): number {
    return this.realloc(0, 0, align, size)
  }

  realloc(old: number, oldSize: number, align: number, size: number): number {
    const { frame } = this
    if (this.#realloc === undefined) throw abiTrap('there is no realloc')
    frame.mayLeave = false
    const pointer = this.#realloc(old, oldSize, align, size) >>> 0
    frame.mayLeave = true
    this.refresh()
    if (pointer % align !== 0)
      throw abiTrap(`realloc returned a pointer that is not aligned to ${align}`)
    if (pointer + size > this.bytes.length)
      throw abiTrap('realloc returned a pointer out of bounds of memory')
    return pointer
  }
}

const EMPTY = new Uint8Array(0)
const EMPTY_VIEW = new DataView(EMPTY.buffer)
