/**
 * Brings Debian's Rust 1.63 with the standard library for WASI into a folder: `node fetch-toolchain.ts FOLDER`.
 *
 * rustup's compilers come without that library, and where rustup cannot fetch targets this is the only one to be had. Nothing is
 * installed: the packages are downloaded through apt, held against the digests below and unpacked. Says why when it cannot.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** Debian 12 on x86-64: packages with their versions, and SHA-256 of each file. */
const PACKAGES: Readonly<Record<string, string>> = {
  'libllvm14=1:14.0.6-12': 'cd986403cfe53f47c41b80667f6b344c40fe35de4c5081dad9358b4c77cf64a8',
  'libstd-rust-1.63=1.63.0+dfsg1-2':
    '3970c02845cd407e2389623f138e2e96443702c46a789d394ec63b58a482448e',
  'libstd-rust-dev-wasm32=1.63.0+dfsg1-2':
    '959a7c281b4a7af90e0ad67961aec82594d0eb09442c5e06d8478974d7287fd1',
  'lld-14=1:14.0.6-12': '3b77ab0cc30bbba9e874ba57cabc090116ed52d5eebaa043cf1e1412c4523a99',
  'rustc=1.63.0+dfsg1-2': '26dd439266153e38d3e6fbe0fe2dbbb41f20994afa688faa71f38427348589ed',
}

const folder = resolve(process.argv[2] ?? '.tmp/rust-wasi')
if (!existsSync(folder)) await fetchInto(folder)

async function fetchInto(target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  const work = await mkdtemp(join(tmpdir(), 'rust-wasi-'))
  // Beside the target, so that it is there whole or not at all.
  const unpacked = `${target}.${process.pid}`
  try {
    execFileSync('apt-get', ['download', '-qq', ...Object.keys(PACKAGES)], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const known = new Set(Object.values(PACKAGES))
    for (const file of await readdir(work)) {
      const bytes = await readFile(join(work, file))
      if (!known.delete(createHash('sha256').update(bytes).digest('hex')))
        throw new Error(`${file} is not the file that was tried`)
      execFileSync('dpkg-deb', ['-x', join(work, file), unpacked])
    }
    await rename(unpacked, target)
  } catch (error) {
    console.error(`Rust for WASI cannot be had: ${(error as Error).message.trim()}`)
    process.exitCode = 1
  } finally {
    await rm(unpacked, { recursive: true, force: true })
    await rm(work, { recursive: true, force: true })
  }
}
