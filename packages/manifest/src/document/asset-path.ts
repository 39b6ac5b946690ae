/** Why `path` cannot name a file of the extension's own folder, or `undefined` when it can: relative, ASCII, no dot segments. */
export function assetPathFault(path: string): string | undefined {
  return path.length <= 128 &&
    /^[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*(?:\/[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)*$/.test(
      path,
    )
    ? undefined
    : 'must be the path of a file below the manifest, such as locales/de.json'
}
