import { parseArgs, type ParseArgsConfig } from 'node:util'

/** How a script is called: `--help` prints it and ends with 0; what the script does not know prints it too and ends with 2. */
export function readArguments<const T extends ParseArgsConfig>(
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if (process.argv.includes('--help')) {
    console.log(usage)
    process.exit(0)
  }
  try {
    return parseArgs(config)
  } catch (error) {
    return misused(usage, (error as Error).message)
  }
}

/** Says what is wrong with a call of a script, and how it is called; ends with 2. */
export function misused(usage: string, what: string): never {
  console.error(`${what}\n\n${usage}`)
  process.exit(2)
}
