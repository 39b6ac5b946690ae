/** A name of an import or export, taken apart (Component Model, Explainer.md, "Import and Export Definitions"). */
export type ParsedName =
  | { readonly kind: 'label' }
  | { readonly kind: 'constructor'; readonly resource: string }
  | { readonly kind: 'method' | 'static'; readonly resource: string; readonly member: string }
  | { readonly kind: 'interface'; readonly base: string; readonly version: string | undefined }

// Linear: every alternative of a fragment starts with its own class, and fragments are separated by a hyphen.
const LABEL = /^(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*$/
const WORDS = '[a-z][0-9a-z]*(?:-[0-9a-z]+)*'
const LABEL_BODY = '(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9a-z]+|[0-9A-Z]+))*'
const INTERFACE = new RegExp(`^${WORDS}:${WORDS}/${LABEL_BODY}$`)
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/
// What is left of a version when what does not decide compatibility is split off.
const CANONICAL_VERSION = /^(?:[1-9]\d*|0\.[1-9]\d*|0\.0\.(?:0|[1-9]\d*))$/

/** Whether `text` is a label: words in lower case or acronyms in upper case, separated by hyphens. */
export function isLabel(text: string): boolean {
  return LABEL.test(text)
}

/** Takes a name of an import or export apart, or gives `undefined` when it is none. */
export function tryParseExternName(text: string): ParsedName | undefined {
  const annotated = text.startsWith('[')
    ? /^\[(constructor|method|static)\](.*)$/s.exec(text)
    : null
  if (annotated !== null) {
    const [, kind, rest = ''] = annotated
    if (kind === 'constructor') return isLabel(rest) ? { kind, resource: rest } : undefined
    const dot = rest.indexOf('.')
    const resource = rest.slice(0, dot)
    const member = rest.slice(dot + 1)
    if (dot < 0 || !isLabel(resource) || !isLabel(member)) return undefined
    return { kind: kind as 'method' | 'static', resource, member }
  }
  if (isLabel(text)) return { kind: 'label' }
  const at = text.indexOf('@')
  const base = at < 0 ? text : text.slice(0, at)
  const version = at < 0 ? undefined : text.slice(at + 1)
  if (!INTERFACE.test(base) || (version !== undefined && !isVersion(version))) return undefined
  return { kind: 'interface', base, version }
}

function isVersion(text: string): boolean {
  return SEMVER.test(text) || CANONICAL_VERSION.test(text)
}

/** Whether `version` says everything, and needs no suffix. */
export function isWholeVersion(version: string): boolean {
  return SEMVER.test(version)
}

/** Whether `canonical` and `suffix` are the two halves of a version (Component Model, Explainer.md, "Canonical Interface Name"). */
export function isVersionSplit(canonical: string, suffix: string): boolean {
  return suffix !== '' && CANONICAL_VERSION.test(canonical) && SEMVER.test(canonical + suffix)
}

/**
 * What must differ between two names of one scope, so that no language's spelling of them collides: case, hyphens and the
 * annotations of methods do not count.
 */
export function uniquenessKey(text: string): string {
  const member = /^\[(?:method|static)\](.*)$/s.exec(text)
  const name = (member?.[1] ?? text).toLowerCase()
  const at = name.indexOf('@')
  const plain =
    (at < 0 ? name : name.slice(0, at)).replaceAll('-', '') + (at < 0 ? '' : name.slice(at))
  if (member === null) return plain
  const dot = plain.indexOf('.')
  return plain.slice(0, dot) === plain.slice(dot + 1) ? plain.slice(0, dot) : plain
}

/** `foo-bar-BAZ` as JavaScript spells it: `fooBarBaz`. */
export function toCamelCase(label: string): string {
  // Most names are one word, and every instance spells all of its own.
  if (/^[a-z0-9]*$/.test(label)) return label
  return label
    .toLowerCase()
    .split('-')
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('')
}

/** `foo-bar` as JavaScript spells a class: `FooBar`. */
export function toPascalCase(label: string): string {
  const camel = toCamelCase(label)
  return camel.charAt(0).toUpperCase() + camel.slice(1)
}

// An object with a method `then` would be taken for a promise by whoever awaits it; the others say what a class or function is.
const NOT_MEMBERS: ReadonlySet<string> = new Set([
  'constructor',
  'length',
  'name',
  'prototype',
  'then',
])

/** A method of an exported resource as JavaScript spells it, with `_` behind what has a meaning there already. */
export function toMemberName(label: string): string {
  const name = toCamelCase(label)
  return NOT_MEMBERS.has(name) ? `${name}_` : name
}

/** The part of a version that decides compatibility, or `undefined` when only the version itself is compatible. */
function compatibilityTrack(version: string): string | undefined {
  const parts = SEMVER.exec(version)
  if (parts === null || parts[4] !== undefined) return undefined
  const [, major, minor, patch] = parts
  return major !== '0' ? String(major) : minor !== '0' ? `0.${minor}` : `0.0.${patch}`
}

function compareVersions(a: string, b: string): number {
  const numbers = (version: string): number[] =>
    (SEMVER.exec(version) ?? []).slice(1, 4).map(Number)
  const [left, right] = [numbers(a), numbers(b)]
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * Which of the names a host offers serves the import `wanted`, or `undefined`.
 *
 * In this order: the very name; the newest offer on the same track (`1.x`, or `0.n.x`); the interface without a version, by which a
 * host says that it serves every version. A pre-release is served by its own name only.
 */
export function resolveImportName(wanted: string, offered: Iterable<string>): string | undefined {
  const names = new Set(offered)
  if (names.has(wanted)) return wanted
  const at = wanted.indexOf('@')
  if (at < 0) return undefined
  const base = wanted.slice(0, at)
  const track = compatibilityTrack(wanted.slice(at + 1))
  let best: string | undefined
  for (const name of names) {
    if (track === undefined || !name.startsWith(`${base}@`)) continue
    const version = name.slice(base.length + 1)
    if (compatibilityTrack(version) !== track) continue
    if (best === undefined || compareVersions(version, best) > 0) best = version
  }
  if (best !== undefined) return `${base}@${best}`
  return names.has(base) ? base : undefined
}
