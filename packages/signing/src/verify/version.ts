interface Version {
  readonly numbers: readonly [string, string, string]
  readonly prerelease: readonly string[]
}

const NUMBER = '(0|[1-9]\\d*)'
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?$`,
)

/** Whether version `a` precedes `b` (Semantic Versioning 2.0.0 section 11); `undefined` when one of them is not a version. */
export function isOlder(a: string, b: string): boolean | undefined {
  const [left, right] = [tryParseVersion(a), tryParseVersion(b)]
  if (left === undefined || right === undefined) return undefined
  for (const i of [0, 1, 2] as const) {
    const order = compareNumbers(left.numbers[i], right.numbers[i])
    if (order !== 0) return order < 0
  }
  // A prerelease comes before its release.
  if (left.prerelease.length === 0 || right.prerelease.length === 0) {
    return left.prerelease.length > right.prerelease.length
  }
  for (const [i, identifier] of left.prerelease.entries()) {
    const other = right.prerelease[i]
    if (other === undefined) return false
    const order = compareIdentifiers(identifier, other)
    if (order !== 0) return order < 0
  }
  return left.prerelease.length < right.prerelease.length
}

function tryParseVersion(text: string): Version | undefined {
  const match = text.length <= 256 ? VERSION.exec(text) : null
  if (match === null) return undefined
  const prerelease = match[4]?.split('.') ?? []
  if (prerelease.some((part) => part === '' || /^0\d+$/.test(part))) return undefined
  return { numbers: [match[1] as string, match[2] as string, match[3] as string], prerelease }
}

/** Without leading zeros the longer number is the larger one, whatever its size. */
function compareNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumberA && isNumberB) return compareNumbers(a, b)
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
