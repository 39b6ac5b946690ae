import { stat } from 'node:fs/promises'
import { basename, relative, resolve } from 'node:path'
import type { CommandSetup } from '../command-setup.ts'
import { UsageError } from '../refusal.ts'
import { formatTable } from '../terminal/table.ts'
import { formatBytes, formatMs } from '../terminal/units.ts'
import { wrapList } from '../terminal/wrap.ts'

/** `new` and `build`. */
export function addAuthorCommands({ program, withContext }: CommandSetup): void {
  program
    .command('new <dir>')
    .description('start a new extension that builds and has a test')
    .option('--name <publisher/name>', 'its name (default: me/<dir>)')
    .option('--language <language>', 'typescript or assemblyscript', 'typescript')
    .action((dir: string, options: { name?: string; language: string }) =>
      withContext(async ({ terminal, environment, commandLine }) => {
        const { language } = options
        if (language !== 'typescript' && language !== 'assemblyscript')
          throw new UsageError(
            `There is no template in "${language}"; there are typescript and assemblyscript`,
          )
        const { newExtension } = await import('@morphee/authoring')
        const target = resolve(environment.cwd, dir)
        const name = options.name ?? `me/${basename(target)}`
        const files = await newExtension({ dir: target, name, language })
        for (const file of files) terminal.print(`  ${file}`)
        terminal.print(
          `${terminal.good('✓')} ${name} in ${relative(environment.cwd, target) || '.'}`,
        )
        terminal.note(`→ ${commandLine.spell(`build ${dir}`)}`)
        terminal.result({ name, language, files })
      }),
    )

  program
    .command('build [dir]')
    .description('build an extension: source → component with its manifest inside, one .wasm')
    .option('-o, --out <file>', 'where to write it (default: build/<name>.wasm)')
    .action((dir: string | undefined, options: { out?: string }) =>
      withContext(async ({ terminal, environment }) => {
        // Compilers are slow to load, and most commands need none.
        const { buildExtension, formatDiagnostic } = await import('@morphee/authoring')
        const folder = resolve(environment.cwd, dir ?? '.')
        if (!(await stat(folder)).isDirectory())
          throw new UsageError(`"${dir}" is a file; name the folder that holds extension.yaml`)
        const started = performance.now()
        const result = await buildExtension(folder, {
          ...(options.out === undefined ? {} : { out: resolve(environment.cwd, options.out) }),
          onProgress: (step) => terminal.note(terminal.dim(`${step} …`)),
        })
        for (const diagnostic of result.diagnostics)
          terminal.note(terminal.warn(formatDiagnostic(diagnostic)))
        const { manifest, bytes, imports, sections } = result
        terminal.print(
          `${terminal.good('✓')} ${manifest.name} ${manifest.version}  ${formatBytes(bytes.length)} in ${formatMs(performance.now() - started)}`,
        )
        terminal.print(`  ${relative(environment.cwd, result.file)}`)
        for (const line of wrapList('  imports ', imports.length === 0 ? ['nothing'] : imports))
          terminal.print(line)
        for (const line of formatTable(
          sections.slice(0, 6).map(({ name, bytes: size }) => [`  ${formatBytes(size)}`, name]),
        ))
          terminal.print(terminal.dim(line))
        terminal.result({
          file: result.file,
          name: manifest.name,
          version: manifest.version,
          bytes: bytes.length,
          imports,
          sections,
          durationMs: result.durationMs,
        })
      }),
    )
}
