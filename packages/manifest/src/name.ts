import valid from 'semver/functions/valid.js'

/** `publisher/name` of an extension. The publisher part belongs to the key that signs. */
export type ExtensionName = `${string}/${string}` & { readonly __extensionName: true }

/** An extension, or one version of it. */
export interface ExtensionReference {
  readonly name: ExtensionName
  readonly version?: string
}

// Lower-case ASCII only: two names that look alike are the cheapest attack there is.
const PART = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** Reads `publisher/name`: lower-case ASCII letters, digits and single hyphens, each part at most 39 characters; else `undefined`. */
export function tryParseExtensionName(text: string): ExtensionName | undefined {
  const parts = text.split('/')
  return parts.length === 2 && parts.every((part) => part.length <= 39 && PART.test(part))
    ? (text as ExtensionName)
    : undefined
}

/** Reads a semantic version (2.0.0) without build metadata, `v` or white space, at most 64 characters; else `undefined`. */
export function tryParseVersion(text: string): string | undefined {
  // Two versions that differ in build metadata only have the same precedence, so one could stand in for the other.
  return text.length <= 64 && valid(text) === text ? text : undefined
}

/** Reads `publisher/name` or `publisher/name@1.2.0`; else `undefined`. */
export function tryParseExtensionReference(text: string): ExtensionReference | undefined {
  const at = text.indexOf('@')
  const name = tryParseExtensionName(at === -1 ? text : text.slice(0, at))
  if (name === undefined) return undefined
  if (at === -1) return { name }
  const version = tryParseVersion(text.slice(at + 1))
  return version === undefined ? undefined : { name, version }
}

/** The publisher part of `name`. */
export function publisherOf(name: ExtensionName): string {
  return name.slice(0, name.indexOf('/'))
}
