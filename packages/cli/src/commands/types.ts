import { Component } from '@morphee/component'
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CommandSetup } from '../command-setup.ts'

/** `types FILE`: TypeScript declarations for a program that runs a component itself. */
export function addTypesCommand({ program, withContext }: CommandSetup): void {
  program
    .command('types <file>')
    .description('write TypeScript declarations for hosts of a component; nothing of it runs')
    .option('-o, --out <file>', 'where to write them (default: on the terminal)')
    .option('--suspending', 'imports may return promises, and every export does')
    .action((file: string, options: { out?: string; suspending?: boolean }) =>
      withContext(async ({ terminal, environment }) => {
        const component = await Component.compile(await readFile(resolve(environment.cwd, file)))
        const declarations = component.declarations({ suspending: options.suspending === true })
        if (options.out === undefined) {
          terminal.print(declarations.trimEnd())
          terminal.result({ declarations })
          return
        }
        const out = resolve(environment.cwd, options.out)
        await writeFile(out, declarations)
        terminal.print(`${terminal.good('✓')} ${options.out}`)
        terminal.result({ file: out })
      }),
    )
}
