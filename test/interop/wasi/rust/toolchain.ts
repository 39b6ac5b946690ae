import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'

const PREFIX =
  process.env['MORPHEE_RUST_WASI'] ?? resolve(import.meta.dirname, '../../../../.tmp/rust-wasi')

/** Why there is no Rust for WASI here, if there is none. */
export const WITHOUT_RUST: string | undefined =
  rustc('--version').status === 0
    ? undefined
    : 'no Rust with a standard library for WASI (node test/interop/wasi/rust/fetch-toolchain.ts)'

/** Compiles one file of this folder to a module for preview 1. */
export function compileRust(source: string, output: string, ...options: readonly string[]): void {
  const { status, stderr } = rustc(
    ...['--edition', '2021', '--target', 'wasm32-wasi', '-O', '-C', 'strip=symbols'],
    ...['-C', `linker=${join(PREFIX, 'usr/lib/llvm-14/bin/wasm-ld')}`],
    ...['-C', 'linker-flavor=wasm-ld', ...options, join(import.meta.dirname, source), '-o', output],
  )
  if (status !== 0) throw new Error(`rustc failed: ${stderr}`)
}

function rustc(...args: readonly string[]): { readonly status: number | null; stderr: string } {
  return spawnSync(join(PREFIX, 'usr/bin/rustc'), args, {
    encoding: 'utf8',
    env: { ...process.env, LD_LIBRARY_PATH: join(PREFIX, 'usr/lib/x86_64-linux-gnu') },
  })
}
