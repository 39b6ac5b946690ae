import { cleanLine, cleanText } from '@morphee/core'
import { ENGINE_MODULE } from './engine-module.ts'

/**
 * A function of a guest that was on the stack when it trapped.
 *
 * `module` and `name` are a stranger's words: cleaned and bounded here, quoted or set apart wherever they are shown.
 */
export interface TrapFrame {
  /** The core module's own name and a hash of its bytes, or only the hash: `greeter-9ac365ea`. */
  readonly module: string
  /** Its index among the functions of its module, imports first. */
  readonly func: number
  /** What the module's name section calls it, `null` when it does not. */
  readonly name: string | null
  /** Byte offset of the instruction in the core module as it was compiled. */
  readonly offset: number
}

/** What V8 gives `Error.prepareStackTrace` for each frame. */
interface CallSite {
  getFunctionName(): string | null
  getScriptNameOrSourceURL(): string | null | undefined
  toString(): string
}
interface V8Error {
  prepareStackTrace?: ((error: unknown, sites: readonly CallSite[]) => unknown) | undefined
  stackTraceLimit?: number
}

const MAX_NAME = 100
const MAX_FRAMES = 32
const MAX_MESSAGE = 500
const MAX_STACK = 20_000
// Calls of the Canonical ABI lie above the guest's frames, deep ones for deep types.
const MAX_CAPTURED = 200
const SCRIPT = 'wasm://wasm/'
const ENTRY = 'enter component instance'

/**
 * Marks functions by which the host enters a guest: a backtrace ends there, because what lies below is the host's, or another guest's.
 *
 * It is their name, set here so that it stays whatever a bundler calls them.
 */
export function markEntries(...entries: readonly ((...args: never[]) => unknown)[]): void {
  for (const entry of entries) Object.defineProperty(entry, 'name', { value: ENTRY })
}

const V8 = Error as unknown as V8Error

/**
 * The frames of the guest in the stack of `error`, innermost first: at most 32, none where the engine is not V8.
 *
 * V8 is asked frame by frame and not for its text: a function may be called `f (wasm://…)` with a line break in it. As a side effect the text in
 * `error.stack` is written with cleaned names, because errors end up in logs and terminals.
 */
export function framesOf(error: unknown): readonly TrapFrame[] {
  const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
  // Frozen intrinsics: a trap without frames is one all the same.
  const isFixed = before === undefined ? !Object.isExtensible(Error) : before.writable !== true
  if (isFixed || !(error instanceof Error)) return []
  const frames: TrapFrame[] = []
  try {
    V8.prepareStackTrace = (_, sites) => {
      const guests = sites.map(toFrame)
      const end = sites.findIndex((site) => site.getFunctionName() === ENTRY)
      for (const frame of guests.slice(0, end === -1 ? undefined : end)) {
        if (frame === undefined || frame.module.startsWith(`${ENGINE_MODULE}-`)) continue
        if (frames.length < MAX_FRAMES) frames.push(frame)
      }
      const lines = sites.map((site, index) => {
        const guest = guests[index]
        return guest === undefined ? String(site) : formatTrapFrame(guest)
      })
      return [
        cleanLine(String(error), MAX_MESSAGE),
        ...lines.slice(0, MAX_FRAMES).map((line) => `    at ${line}`),
      ].join('\n')
    }
    void error.stack
  } catch {
    // The stack may be used up here too, and whose it is has no other way to be told.
  } finally {
    if (before === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
    else V8.prepareStackTrace = before.value as V8Error['prepareStackTrace']
  }
  return frames
}

/** Takes out of the stack of a host's error what could harm a terminal: functions of the guest that called it are in it by their names. */
export function cleanStack(error: unknown): void {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return
  const clean = cleanText(error.stack, MAX_STACK)
  if (clean !== error.stack) error.stack = clean
}

/** Makes an error whose stack reaches down to the guest, which may lie below many frames of the engine. */
export function withDeepStack<T>(make: () => T): T {
  const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')
  if (before?.writable !== true || typeof before.value !== 'number') return make()
  V8.stackTraceLimit = Math.max(before.value, MAX_CAPTURED)
  try {
    return make()
  } finally {
    V8.stackTraceLimit = before.value
  }
}

/** A frame on one line, for a log: `greet (greeter-9ac365ea, function 12, 0x1f4)`. */
export function formatTrapFrame({ module, func, name, offset }: TrapFrame): string {
  return `${name ?? '<unnamed>'} (${module}, function ${func}, 0x${offset.toString(16)})`
}

function toFrame(site: CallSite): TrapFrame | undefined {
  const script = site.getScriptNameOrSourceURL()
  if (typeof script !== 'string' || !script.startsWith(SCRIPT)) return undefined
  // Written by V8 after the names, so nothing that a module calls itself comes behind it.
  const [, func, offset] = /:wasm-function\[(\d+)\]:0x([\da-f]+)\)?$/.exec(String(site)) ?? []
  if (func === undefined || offset === undefined) return undefined
  const name = site.getFunctionName()
  return {
    module: cleanName(script.slice(SCRIPT.length)),
    func: Number(func),
    name: name === null || name === '' ? null : cleanName(name),
    offset: Number.parseInt(offset, 16),
  }
}

function cleanName(name: string): string {
  return cleanLine(name, MAX_NAME)
}
