import {
  concatBytes,
  encodeUtf8,
  isCleanText,
  readU32,
  tryDecodeUtf8,
  writeU32,
} from '@morphee/core'
import { assetPathFault } from '../document/asset-path.ts'
import { quoted } from '../document/quoted.ts'
import { ManifestError } from '../errors.ts'
import type { Manifest } from '../manifest.ts'

/** Files that travel with an extension, by path: its icon and its translations. */
export type Assets = Readonly<Record<string, Uint8Array>>

/** Most bytes of all assets together. */
export const MAX_ASSETS_BYTES: number = 2 * 1024 * 1024
/** Most bytes of one asset. */
export const MAX_ASSET_BYTES: number = 512 * 1024

/** The paths that `manifest` refers to. An artifact holds exactly these, so there is no place for anything else. */
export function assetPathsOf(manifest: Manifest): string[] {
  const paths = new Set(Object.values(manifest.locales))
  if (manifest.icon !== undefined) paths.add(manifest.icon)
  return [...paths].sort()
}

/** Count, then per asset in order of its path: length and bytes of the path, length and bytes of the content; numbers in LEB128. */
export function encodeAssets(assets: Assets, manifest: Manifest): Uint8Array<ArrayBuffer> {
  checkAssets(assets, manifest)
  const paths = Object.keys(assets).sort()
  const parts: Uint8Array[] = [writeU32(paths.length)]
  for (const path of paths) {
    const name = encodeUtf8(path)
    const content = assets[path] as Uint8Array
    parts.push(writeU32(name.length), name, writeU32(content.length), content)
  }
  return concatBytes(parts)
}

/** Reads what {@link encodeAssets} wrote, or returns `undefined`; whether the content is right is {@link checkAssets}'s. */
export function tryDecodeAssets(bytes: Uint8Array): Record<string, Uint8Array> | undefined {
  if (bytes.length > MAX_ASSETS_BYTES + 64 * 1024) return undefined
  const assets: Record<string, Uint8Array> = {}
  try {
    let { value: count, next: at } = readU32(bytes, 0)
    let last = ''
    const take = (): Uint8Array | undefined => {
      const { value: length, next } = readU32(bytes, at)
      at = next + length
      return at <= bytes.length ? bytes.subarray(next, at) : undefined
    }
    for (; count > 0; count--) {
      const name = take()
      const path = name === undefined ? undefined : tryDecodeUtf8(name)
      if (
        path === undefined ||
        path <= last ||
        assetPathFault(path) !== undefined ||
        path in Object.prototype
      )
        return undefined
      const content = take()
      if (content === undefined) return undefined
      assets[path] = content
      last = path
    }
    return at === bytes.length ? assets : undefined
  } catch {
    return undefined
  }
}

/**
 * That `assets` are what `manifest` refers to, no more and no less, each of its kind and within bounds.
 *
 * @throws {@link ManifestError} `ERR_ARTIFACT_ASSET`
 */
export function checkAssets(assets: Assets, manifest: Manifest): void {
  const wanted = assetPathsOf(manifest)
  for (const path of wanted) if (!Object.hasOwn(assets, path)) throw wrong(path, 'it is not there')
  let total = 0
  for (const [path, content] of Object.entries(assets)) {
    if (!wanted.includes(path)) throw wrong(path, 'the manifest does not refer to it')
    if (content.length > MAX_ASSET_BYTES)
      throw wrong(path, `it is larger than ${MAX_ASSET_BYTES} bytes`)
    total += content.length
    if (total > MAX_ASSETS_BYTES)
      throw wrong(path, `all assets together are larger than ${MAX_ASSETS_BYTES} bytes`)
    if (path === manifest.icon) {
      if (!hasMagic(path, content))
        throw wrong(path, 'its content is not the kind of image that its name says')
    } else if (!isTranslation(content))
      throw wrong(path, 'it must be a JSON object of texts without control or invisible characters')
  }
}

function wrong(path: string, why: string): ManifestError<'ERR_ARTIFACT_ASSET'> {
  return new ManifestError('ERR_ARTIFACT_ASSET', `Cannot use the asset ${quoted(path)}: ${why}`, {
    asset: path.slice(0, 128),
  })
}

const MAGIC: ReadonlyArray<readonly [end: string, at: number, bytes: readonly number[]]> = [
  ['.png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['.jpg', 0, [0xff, 0xd8, 0xff]],
  ['.webp', 8, [0x57, 0x45, 0x42, 0x50]],
]

function hasMagic(path: string, content: Uint8Array): boolean {
  return MAGIC.some(
    ([end, at, bytes]) => path.endsWith(end) && bytes.every((byte, i) => content[at + i] === byte),
  )
}

function isTranslation(content: Uint8Array): boolean {
  const text = tryDecodeUtf8(content)
  if (text === undefined) return false
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    return Object.entries(value).every(
      ([key, line]) =>
        key.length <= 200 &&
        isCleanText(key) &&
        typeof line === 'string' &&
        line.length <= 2000 &&
        isCleanText(line),
    )
  } catch {
    return false
  }
}
