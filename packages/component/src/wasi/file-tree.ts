import { ComponentError } from '../errors.ts'
import type { WasiStorage, WasiWorld } from './ports.ts'

/** `error-code` of `wasi:filesystem/types`, as far as this filesystem says it. */
export type FileErrorCode =
  | 'busy'
  | 'exist'
  | 'file-too-large'
  | 'insufficient-memory'
  | 'invalid'
  | 'io'
  | 'is-directory'
  | 'name-too-long'
  | 'no-entry'
  | 'not-directory'
  | 'not-empty'
  | 'not-permitted'
  | 'read-only'
  | 'unsupported'

/** The error of a filesystem function. */
export function fileError(code: FileErrorCode): ComponentError {
  return new ComponentError(code)
}

/** Longest path from the root, in UTF-16 code units. */
const MAX_PATH = 400
/** As PATH_MAX: longest path as a guest gives it, with its dots and doubled slashes. */
const MAX_GIVEN_PATH = 4096

/** A file that is open: its bytes in memory until they are saved. */
export class OpenFile {
  readonly key: string
  #bytes: Uint8Array
  #length: number
  #dirty = false
  users = 0
  readonly #tree: FileTree

  constructor(tree: FileTree, key: string, bytes: Uint8Array, dirty: boolean) {
    this.#tree = tree
    this.key = key
    this.#bytes = bytes
    this.#length = bytes.length
    this.#dirty = dirty
  }

  get length(): number {
    return this.#length
  }

  /** Bytes held in memory, which may be more than the file has. */
  get held(): number {
    return this.#bytes.length
  }

  /** A copy of up to `length` bytes; empty at the end. */
  read(offset: bigint, length: number): Uint8Array {
    if (offset >= BigInt(this.#length)) return new Uint8Array()
    const from = Number(offset)
    return this.#bytes.slice(from, Math.min(this.#length, from + length))
  }

  /** @throws `file-too-large`, `insufficient-memory` */
  write(offset: bigint, bytes: Uint8Array): void {
    const end = offset + BigInt(bytes.length)
    this.resize(end > BigInt(this.#length) ? end : BigInt(this.#length))
    this.#bytes.set(bytes, Number(offset))
    this.#dirty = true
  }

  /** Cuts, or fills up with zeroes. */
  resize(size: bigint): void {
    if (size > BigInt(this.#tree.maxFileBytes)) throw fileError('file-too-large')
    const length = Number(size)
    if (length > this.#bytes.length) {
      const capacity = Math.min(
        this.#tree.maxFileBytes,
        Math.max(length, 2 * this.#bytes.length, 256),
      )
      if (!this.#tree.tryHold(capacity - this.#bytes.length)) throw fileError('insufficient-memory')
      const larger = new Uint8Array(capacity)
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    if (length < this.#length) this.#bytes.fill(0, length, this.#length)
    if (length !== this.#length) this.#dirty = true
    this.#length = length
  }

  /** Puts what has changed into the storage. */
  async save(): Promise<void> {
    if (!this.#dirty) return
    this.#dirty = false
    try {
      await this.#tree.put(this.key, this.#bytes.slice(0, this.#length))
    } catch (error) {
      this.#dirty = true
      throw error
    }
  }
}

/** What a path leads to. */
export type Found = { readonly kind: 'file' | 'directory'; readonly size: number }

/** The files of a guest over a storage of keys: `notes/today.txt` is a key, `notes/` marks an empty folder. */
export class FileTree {
  readonly maxFileBytes: number
  readonly #storage: WasiStorage
  readonly #world: WasiWorld
  readonly #open = new Map<string, OpenFile>()
  readonly #saving = new Set<Promise<void>>()
  #lost: unknown

  constructor(storage: WasiStorage, world: WasiWorld) {
    this.#storage = storage
    this.#world = world
    this.maxFileBytes = world.maxFileBytes
  }

  tryHold(bytes: number): boolean {
    return this.#world.buffered.tryTake(bytes)
  }

  /** What is at `path`, `''` for the root. */
  async find(path: string): Promise<Found | undefined> {
    if (path === '') return { kind: 'directory', size: 0 }
    const open = this.#open.get(path)
    if (open !== undefined) return { kind: 'file', size: open.length }
    const bytes = await this.#ask(() => this.#storage.get(path))
    if (bytes !== undefined) return { kind: 'file', size: bytes.length }
    return (await this.#keysIn(path)).length > 0 ? { kind: 'directory', size: 0 } : undefined
  }

  /** Opens the file at `path`; with `create` one that is not there. @throws `no-entry`, `insufficient-memory` */
  async open(path: string, create: boolean): Promise<OpenFile> {
    let file = this.#open.get(path)
    if (file === undefined) {
      const found = await this.#ask(() => this.#storage.get(path))
      if (found === undefined && !create) throw fileError('no-entry')
      const bytes = found ?? new Uint8Array()
      if (bytes.length > this.maxFileBytes) throw fileError('file-too-large')
      if (!this.tryHold(bytes.length)) throw fileError('insufficient-memory')
      file = new OpenFile(this, path, bytes.slice(), found === undefined)
      this.#open.set(path, file)
    }
    file.users++
    // An empty file that was made is there at once, as everywhere.
    await file.save()
    return file
  }

  /** Opens once more what is open: whoever reads or writes it holds its bytes. */
  retain(file: OpenFile): void {
    file.users++
  }

  /** Lets go of a file; what has changed is saved meanwhile, see {@link settle}. */
  release(file: OpenFile): void {
    if (--file.users > 0) return
    const saving: Promise<void> = file
      .save()
      .catch((error: unknown) => {
        this.#lost ??= error
      })
      .then(() => {
        this.#saving.delete(saving)
        if (file.users > 0) return
        this.#open.delete(file.key)
        this.tryHold(-file.held)
      })
    this.#saving.add(saving)
  }

  /** Waits for everything that is being saved. @throws what kept a file from being saved after it was closed */
  async settle(): Promise<void> {
    await Promise.all(this.#saving)
    for (const file of this.#open.values()) await file.save()
    if (this.#lost !== undefined) throw this.#lost
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    return this.#ask(() => this.#storage.set(key, bytes))
  }

  async remove(path: string): Promise<void> {
    if (this.#open.has(path)) throw fileError('busy')
    await this.#ask(() => this.#storage.delete(path))
  }

  /** Names in a folder, folders with `true`. */
  async list(path: string): Promise<ReadonlyMap<string, boolean>> {
    await Promise.all(this.#saving)
    const prefix = path === '' ? '' : `${path}/`
    const names = new Map<string, boolean>()
    for (const key of [...(await this.#keysIn(path)), ...this.#open.keys()]) {
      if (!key.startsWith(prefix) || key === prefix) continue
      const rest = key.slice(prefix.length)
      const end = rest.indexOf('/')
      if (end === -1) names.set(rest, names.get(rest) ?? false)
      else names.set(rest.slice(0, end), true)
    }
    return names
  }

  async #keysIn(path: string): Promise<readonly string[]> {
    return this.#ask(() => this.#storage.keys(path === '' ? '' : `${path}/`))
  }

  // What the storage refuses in the words of this interface is passed on; anything else is trouble below.
  async #ask<T>(work: () => Promise<T>): Promise<T> {
    await Promise.resolve()
    try {
      return await work()
    } catch (error) {
      if (error instanceof ComponentError) throw error
      this.#world.signal.throwIfAborted()
      throw fileError('io')
    }
  }
}

/**
 * `path` under the folder `base`, without dots.
 *
 * @throws `not-permitted` for an absolute path and for one that climbs out of `base`, `invalid`, `name-too-long`
 */
export function resolvePath(base: string, path: string): string {
  // Before it is taken apart: a path of nothing but slashes has as many steps as it has characters.
  if (path.length > MAX_GIVEN_PATH) throw fileError('name-too-long')
  if (path.startsWith('/')) throw fileError('not-permitted')
  if (path.includes('\0')) throw fileError('invalid')
  const steps: string[] = []
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue
    if (step !== '..') steps.push(step)
    else if (steps.pop() === undefined) throw fileError('not-permitted')
  }
  const whole = [...(base === '' ? [] : [base]), ...steps].join('/')
  if (whole.length > MAX_PATH) throw fileError('name-too-long')
  return whole
}
