import {
  type FileErrorCode,
  fileError,
  FileTree,
  type Found,
  type OpenFile,
  resolvePath,
} from './file-tree.ts'
import type { WasiWorld } from './ports.ts'
import { closed, failed, InputStream, IoError, OutputStream } from './streams.ts'

interface DescriptorFlags {
  readonly read?: boolean
  readonly write?: boolean
  readonly mutateDirectory?: boolean
}

interface OpenFlags {
  readonly create?: boolean
  readonly directory?: boolean
  readonly exclusive?: boolean
  readonly truncate?: boolean
}

interface DescriptorStat {
  readonly type: 'regular-file' | 'directory'
  readonly linkCount: bigint
  readonly size: bigint
}

/** About what a name costs beside its characters. */
const ENTRY_BYTES = 64

/** The entries of a folder as they were when it was opened. */
class DirectoryEntryStream {
  readonly #world: WasiWorld
  readonly #held: number
  #entries: Iterator<[string, boolean]>

  /** @throws `insufficient-memory` */
  constructor(world: WasiWorld, entries: ReadonlyMap<string, boolean>) {
    let held = 0
    for (const name of entries.keys()) held += ENTRY_BYTES + 2 * name.length
    if (!world.buffered.tryTake(held)) throw fileError('insufficient-memory')
    this.#world = world
    this.#held = held
    this.#entries = entries[Symbol.iterator]()
  }

  [Symbol.dispose](): void {
    this.#entries = new Map<string, boolean>()[Symbol.iterator]()
    this.#world.buffered.tryTake(-this.#held)
  }

  readDirectoryEntry(): { readonly type: string; readonly name: string } | undefined {
    const next = this.#entries.next()
    if (next.done === true) return undefined
    const [name, isDirectory] = next.value
    return { type: isDirectory ? 'directory' : 'regular-file', name }
  }
}

/** `wasi:filesystem/types` `descriptor`: an open folder or file. There are no links, owners or times. */
class Descriptor {
  readonly #world: WasiWorld
  readonly #tree: FileTree
  readonly #path: string
  readonly #file: OpenFile | undefined
  readonly #flags: DescriptorFlags

  constructor(
    world: WasiWorld,
    tree: FileTree,
    path: string,
    file: OpenFile | undefined,
    flags: DescriptorFlags,
  ) {
    this.#world = world
    this.#tree = tree
    this.#path = path
    this.#file = file
    this.#flags = flags
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) this.#tree.release(this.#file)
  }

  readViaStream(offset: bigint): InputStream {
    const file = this.#readable()
    let at = offset
    const source = (length: number): Uint8Array | undefined => {
      const bytes = file.read(at, length)
      if (bytes.length === 0 && length > 0) return undefined
      at += BigInt(bytes.length)
      return bytes
    }
    // A stream may outlive its descriptor, and holds the file as that does.
    this.#tree.retain(file)
    return new InputStream(this.#world.signal, source, () => this.#tree.release(file))
  }

  writeViaStream(offset: bigint): OutputStream {
    const file = this.#writable()
    let at = offset
    return this.#stream(file, (bytes) => {
      file.write(at, bytes)
      at += BigInt(bytes.length)
    })
  }

  appendViaStream(): OutputStream {
    const file = this.#writable()
    return this.#stream(file, (bytes) => file.write(BigInt(file.length), bytes))
  }

  advise(): void {
    this.#asFile()
  }

  async syncData(): Promise<void> {
    await this.#file?.save()
  }

  async sync(): Promise<void> {
    await this.#file?.save()
  }

  getFlags(): DescriptorFlags {
    return this.#flags
  }

  getType(): string {
    return this.#file === undefined ? 'directory' : 'regular-file'
  }

  setSize(size: bigint): void {
    this.#writable().resize(size)
  }

  setTimes(): never {
    throw fileError('unsupported')
  }

  read(length: bigint, offset: bigint): [Uint8Array, boolean] {
    const file = this.#readable()
    const wanted = Math.min(Number(length), this.#world.maxFileBytes)
    const bytes = file.read(offset, wanted)
    return [bytes, offset + BigInt(bytes.length) >= BigInt(file.length)]
  }

  write(bytes: Uint8Array, offset: bigint): bigint {
    this.#writable().write(offset, bytes)
    return BigInt(bytes.length)
  }

  async readDirectory(): Promise<DirectoryEntryStream> {
    this.#asDirectory()
    return new DirectoryEntryStream(this.#world, await this.#tree.list(this.#path))
  }

  async createDirectoryAt(path: string): Promise<void> {
    const target = this.#changeable(path)
    if ((await this.#tree.find(target)) !== undefined) throw fileError('exist')
    await this.#assertParent(target)
    await this.#tree.put(`${target}/`, new Uint8Array())
  }

  async stat(): Promise<DescriptorStat> {
    return this.#file === undefined
      ? statOf({ kind: 'directory', size: 0 })
      : statOf({ kind: 'file', size: this.#file.length })
  }

  async statAt(_flags: unknown, path: string): Promise<DescriptorStat> {
    return statOf(await this.#existing(this.#under(path)))
  }

  setTimesAt(): never {
    throw fileError('unsupported')
  }

  linkAt(): never {
    throw fileError('unsupported')
  }

  async openAt(
    _pathFlags: unknown,
    path: string,
    open: OpenFlags,
    flags: DescriptorFlags,
  ): Promise<Descriptor> {
    const target = this.#under(path)
    const changes = open.create === true || open.truncate === true || flags.write === true
    if (changes && this.#flags.mutateDirectory !== true) throw fileError('read-only')
    const found = await this.#tree.find(target)
    if (found === undefined && open.create !== true) throw fileError('no-entry')
    if (found !== undefined && open.create === true && open.exclusive === true)
      throw fileError('exist')
    if (found?.kind === 'directory') {
      if (flags.write === true || open.truncate === true) throw fileError('is-directory')
      // As wasmtime does: what may be changed below a folder is the folder's own right, whichever flags it is opened with.
      const mutateDirectory = this.#flags.mutateDirectory === true
      return this.#open(target, undefined, { read: true, mutateDirectory })
    }
    if (open.directory === true) throw fileError('not-directory')
    if (found === undefined) await this.#assertParent(target)
    const file = await this.#tree.open(target, open.create === true)
    if (open.truncate === true) file.resize(0n)
    return this.#open(target, file, { read: flags.read === true, write: flags.write === true })
  }

  readlinkAt(): never {
    // What is there is no link.
    throw fileError('invalid')
  }

  async removeDirectoryAt(path: string): Promise<void> {
    const target = this.#changeable(path)
    if ((await this.#existing(target)).kind !== 'directory') throw fileError('not-directory')
    if (target === '') throw fileError('not-permitted')
    if ((await this.#tree.list(target)).size > 0) throw fileError('not-empty')
    await this.#tree.remove(`${target}/`)
  }

  async renameAt(path: string, to: Descriptor, newPath: string): Promise<void> {
    const from = this.#changeable(path)
    const target = to.#changeable(newPath)
    // A folder is as many keys as it has files; moving them one by one could be torn apart, so it is not offered.
    if ((await this.#existing(from)).kind === 'directory') throw fileError('unsupported')
    if ((await this.#tree.find(target))?.kind === 'directory') throw fileError('is-directory')
    await to.#assertParent(target)
    if (from === target) return
    const file = await this.#tree.open(from, false)
    try {
      await this.#tree.put(target, file.read(0n, file.length))
    } finally {
      this.#tree.release(file)
    }
    await this.#tree.settle()
    await this.#tree.remove(from)
  }

  symlinkAt(): never {
    throw fileError('unsupported')
  }

  async unlinkFileAt(path: string): Promise<void> {
    const target = this.#changeable(path)
    if ((await this.#existing(target)).kind === 'directory') throw fileError('is-directory')
    await this.#tree.remove(target)
  }

  isSameObject(other: Descriptor): boolean {
    return other.#path === this.#path && other.#tree === this.#tree
  }

  async metadataHash(): Promise<{ lower: bigint; upper: bigint }> {
    return hashOf(this.#path)
  }

  async metadataHashAt(_flags: unknown, path: string): Promise<{ lower: bigint; upper: bigint }> {
    const target = this.#under(path)
    await this.#existing(target)
    return hashOf(target)
  }

  #open(path: string, file: OpenFile | undefined, flags: DescriptorFlags): Descriptor {
    return new Descriptor(this.#world, this.#tree, path, file, flags)
  }

  #stream(file: OpenFile, write: (bytes: Uint8Array) => void): OutputStream {
    this.#tree.retain(file)
    return new OutputStream(this.#world.signal, {
      write(bytes) {
        try {
          write(bytes)
        } catch (error) {
          throw streamFailure(error)
        }
      },
      release: () => this.#tree.release(file),
      flush: () => file.save().catch((error: unknown) => Promise.reject(streamFailure(error))),
    })
  }

  #asFile(): OpenFile {
    if (this.#file === undefined) throw fileError('is-directory')
    return this.#file
  }

  #asDirectory(): void {
    if (this.#file !== undefined) throw fileError('not-directory')
  }

  #readable(): OpenFile {
    const file = this.#asFile()
    if (this.#flags.read !== true) throw fileError('not-permitted')
    return file
  }

  #writable(): OpenFile {
    const file = this.#asFile()
    if (this.#flags.write !== true) throw fileError('not-permitted')
    return file
  }

  #under(path: string): string {
    this.#asDirectory()
    return resolvePath(this.#path, path)
  }

  #changeable(path: string): string {
    if (this.#flags.mutateDirectory !== true) throw fileError('read-only')
    return this.#under(path)
  }

  async #existing(path: string): Promise<Found> {
    const found = await this.#tree.find(path)
    if (found === undefined) throw fileError('no-entry')
    return found
  }

  async #assertParent(path: string): Promise<void> {
    const end = path.lastIndexOf('/')
    if (end === -1) return
    if ((await this.#existing(path.slice(0, end))).kind !== 'directory')
      throw fileError('not-directory')
  }
}

function statOf({ kind, size }: Found): DescriptorStat {
  return {
    type: kind === 'file' ? 'regular-file' : 'directory',
    linkCount: 1n,
    size: BigInt(size),
  }
}

function streamFailure(error: unknown): Error {
  const { payload } = error as { readonly payload?: unknown }
  return typeof payload === 'string' ? failed(payload, payload) : closed()
}

/** Two FNV-1a hashes of the path: equal for the same file, and nobody's secret. */
function hashOf(path: string): { lower: bigint; upper: bigint } {
  const hash = (seed: bigint): bigint => {
    let value = seed
    for (let i = 0; i < path.length; i++)
      value = BigInt.asUintN(64, (value ^ BigInt(path.charCodeAt(i))) * 0x100000001b3n)
    return value
  }
  return { lower: hash(0xcbf29ce484222325n), upper: hash(0x84222325cbf29ce4n) }
}

/** `wasi:filesystem`, and what to wait for when the guest is done. */
export interface Filesystem {
  readonly interfaces: Readonly<Record<string, object>>
  settle(): Promise<void>
}

/** The interfaces of `wasi:filesystem` over the world's storage; without one there is no folder to begin with. */
export function createFilesystem(world: WasiWorld): Filesystem {
  const tree = world.storage === undefined ? undefined : new FileTree(world.storage, world)
  return {
    interfaces: {
      types: {
        Descriptor,
        DirectoryEntryStream,
        filesystemErrorCode: (error: IoError): FileErrorCode | undefined =>
          error.code as FileErrorCode | undefined,
      },
      preopens: {
        getDirectories: () =>
          tree === undefined
            ? []
            : [
                [
                  new Descriptor(world, tree, '', undefined, { read: true, mutateDirectory: true }),
                  '/',
                ],
              ],
      },
    },
    settle: async () => tree?.settle(),
  }
}

/** Functions that may wait for the storage. */
export const SUSPENDING_FILESYSTEM: readonly string[] = [
  'sync-data',
  'sync',
  'read-directory',
  'create-directory-at',
  'stat',
  'stat-at',
  'open-at',
  'remove-directory-at',
  'rename-at',
  'unlink-file-at',
  'metadata-hash',
  'metadata-hash-at',
].map((name) => `wasi:filesystem/types#[method]descriptor.${name}`)
