// Reads the subset of WIT that the contract is written in: interfaces whose items are types, `use`s and functions, one
// function a line. A test holds it against the whole contract, so it may be this small.

/** One interface of the contract, its functions apart from the rest so that they can be left out one by one. */
export interface InterfaceText {
  readonly name: string
  /** `use` lines and type definitions, as written. */
  readonly types: readonly string[]
  /** Function name → its line, as written. */
  readonly functions: ReadonlyMap<string, string>
}

/** A WIT package: its id, and its interfaces by name. */
export interface PackageText {
  /** `namespace:name@version` */
  readonly id: string
  readonly interfaces: ReadonlyMap<string, InterfaceText>
}

const FUNCTION = /^%?([a-z][a-z0-9-]*): func\(/

/** The interfaces of a WIT text. @throws Error when it has no package line */
export function readInterfaces(wit: string): PackageText {
  const lines = wit.split('\n').map((line) => line.replace(/\/\/.*$/, '').trim())
  const id = /^package ([^;]+);$/.exec(lines.find((line) => line.startsWith('package ')) ?? '')?.[1]
  if (id === undefined) throw new Error('The WIT text has no package')
  const interfaces = new Map<string, InterfaceText>()
  for (let at = 0; at < lines.length; at++) {
    const name = /^interface ([a-z-]+) \{$/.exec(lines[at] as string)?.[1]
    if (name === undefined) continue
    const types: string[] = []
    const functions = new Map<string, string>()
    let depth = 1
    for (at++; at < lines.length; at++) {
      const line = lines[at] as string
      depth += count(line, '{') - count(line, '}')
      if (depth === 0) break
      const called = depth === 1 ? FUNCTION.exec(line)?.[1] : undefined
      if (called !== undefined) functions.set(called, line)
      else if (line !== '') types.push(line)
    }
    interfaces.set(name, { name, types, functions })
  }
  return { id, interfaces }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}
