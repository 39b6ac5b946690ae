import lt from 'semver/functions/lt.js'
import parse from 'semver/functions/parse.js'

/** Whether version `a` precedes `b` (Semantic Versioning 2.0.0 section 11); `undefined` when one of them is not exactly a version. */
export function isOlder(a: string, b: string): boolean | undefined {
  return isVersion(a) && isVersion(b) ? lt(a, b) : undefined
}

/** The library also takes a `v` in front and blanks around; one version has one spelling here. */
function isVersion(text: string): boolean {
  return /^\d/.test(text) && !/\s/.test(text) && parse(text) !== null
}
