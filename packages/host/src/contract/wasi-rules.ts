/** The packages of WASI 0.2 that an extension may import; how they are answered is `node/isolation/guest-wasi.ts`. */
const OFFERED = /^wasi:(cli|clocks|filesystem|http|io|random)\/[a-z-]+@0\.2\.\d+$/

/**
 * Why an extension may not import the interface `name` of WASI; `undefined` when it may.
 *
 * Files need no permission to be imported, because toolchains import them whether a program uses them or not: what is read or
 * written is decided then, as if the guest had called the contract's storage.
 */
export function wasiProblem(name: string, asked: ReadonlySet<string>): string | undefined {
  const shown = name.slice(0, 200)
  const offered = OFFERED.exec(name)
  if (offered === null) {
    return name.startsWith('wasi:sockets/')
      ? `imports "${shown}": extensions have no sockets`
      : `imports "${shown}", which this host does not have`
  }
  if (offered[1] === 'http' && !asked.has('http:read') && !asked.has('http:write'))
    return `imports "${shown}", and its manifest asks for neither http:read nor http:write`
  return undefined
}
