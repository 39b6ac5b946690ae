import { Command, CommanderError, type Option } from 'commander'
import { isPlatformError } from '@morphee/core'
import { addApprovalCommands } from './commands/approvals.ts'
import { addAuditCommands } from './commands/audit.ts'
import { addAuthorCommands } from './commands/author.ts'
import { addConnectCommand } from './commands/connect.ts'
import { addConfigureCommand } from './commands/configure.ts'
import { addEventCommands } from './commands/events.ts'
import { addGrantCommand } from './commands/grant.ts'
import { addInspectCommand } from './commands/inspect.ts'
import { addInstallCommands } from './commands/install.ts'
import { addListCommands } from './commands/list.ts'
import { addPermissionCommands } from './commands/permissions.ts'
import { addPolicyCommands } from './commands/policy.ts'
import { addPublishCommands } from './commands/publish.ts'
import { addRemoveCommands } from './commands/remove.ts'
import { addRunCommand } from './commands/run.ts'
import { addSignCommands } from './commands/sign.ts'
import { addTrustCommands } from './commands/trust.ts'
import { addTypesCommand } from './commands/types.ts'
import type { CommandSetup, WithContext } from './command-setup.ts'
import { CommandLine, type GivenOptions } from './command-line.ts'
import { BUILTINS, CliContext, type CliEnvironment } from './context.ts'
import { AnsweredNo, RefusedError, UsageError } from './refusal.ts'
import { printError } from './terminal/print-error.ts'
import { createTerminal } from './terminal/terminal.ts'

/** The streams of a run, and what it may use of the world. */
export interface RunCliOptions extends CliEnvironment {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/**
 * Runs `morphee` with `args` and returns the exit code: 0 done, 1 refused or failed, 2 usage, 3 could not tell.
 *
 * Nothing is left running, and the process is not ended.
 */
export async function runCli(args: readonly string[], options: RunCliOptions): Promise<number> {
  const { stdin, stdout, stderr } = options
  const json = args.includes('--json')
  const terminal = createTerminal({ json, stdin, stdout, stderr })
  const commandLine: CommandLine = new CommandLine(options.variables, () => given(program))
  const program = new Command(commandLine.program)
    .description('Sandboxed, signed extensions with exactly the permissions a person gave')
    .version('0.1.0')
    .option('--home <dir>', 'data directory (default: $MORPHEE_HOME or ~/.morphee)')
    .option('--workspace <name>', 'workspace', 'personal')
    .option(
      '--policy <file>',
      "the operator's policy (default: $MORPHEE_POLICY or policy.yaml in the data directory)",
    )
    .option('--dev', 'development host: unsigned extensions, in a home of its own')
    .option('--json', 'one JSON object on stdout')
    .showSuggestionAfterError()
    .showHelpAfterError(`(${commandLine.program} --help lists the commands)`)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    })
    .addHelpText(
      'after',
      `
Start here:
  ${commandLine.program} new my-extension            a new extension in TypeScript
  ${commandLine.program} build my-extension          source → one .wasm with its manifest inside
  ${commandLine.program} --dev install FILE          read what it asks for, say yes or no
  ${commandLine.program} --dev run NAME ACTION '{}'  call one of its actions

Exit codes: 0 done, 1 refused or failed, 2 usage, 3 could not tell`,
    )

  const withContext: WithContext = async (work) => {
    const {
      home,
      workspace,
      dev = false,
      policy,
    } = program.opts<{
      home?: string
      workspace: string
      dev?: boolean
      policy?: string
    }>()
    if (home === '') throw new UsageError('--home takes a folder')
    if (policy === '') throw new UsageError('--policy takes a file')
    const context = new CliContext(terminal, options, { home, workspace, dev, policy }, commandLine)
    try {
      await work(context)
    } catch (error) {
      throw explainBuiltin(error)
    } finally {
      await context.close()
    }
  }
  const setup: CommandSetup = { program, withContext }
  for (const add of [
    addAuthorCommands,
    addInspectCommand,
    addTypesCommand,
    addInstallCommands,
    addConfigureCommand,
    addConnectCommand,
    addGrantCommand,
    addRunCommand,
    addApprovalCommands,
    addEventCommands,
    addListCommands,
    addPermissionCommands,
    addPolicyCommands,
    addAuditCommands,
    addRemoveCommands,
    addSignCommands,
    addPublishCommands,
    addTrustCommands,
  ]) {
    add(setup)
  }

  for (const command of commandsOf(program)) {
    command.configureHelp({
      showGlobalOptions: true,
      optionDescription: describeOption,
      subcommandTerm: describeUsage,
      minWidthToWrap: 30,
    })
    if (command !== program) command.showHelpAfterError(`(${pathOf(command)} --help says how)`)
  }

  try {
    await program.parseAsync([...args], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      const message =
        error.code === 'commander.help'
          ? 'A command is missing'
          : error.message.replace(/^error: /, '')
      terminal.result({ error: { code: 'usage', message } })
      return 2
    }
    if (error instanceof AnsweredNo) return 1
    if (error instanceof RefusedError) {
      terminal.note(error.message)
      terminal.result({ refused: error.message })
      return 1
    }
    if (error instanceof UsageError) {
      terminal.note(`${terminal.bad('Error:')} ${error.message}`)
      terminal.result({ error: { code: 'usage', message: error.message } })
      return 2
    }
    return printError(terminal, commandLine, error)
  }
}

// Only what stood on the command line: a variable that is set is there for the next command too.
function given(program: Command): GivenOptions {
  const { dev = false, ...values } = program.opts<GivenOptions>()
  const typed = (name: 'home' | 'workspace' | 'policy'): string | undefined =>
    program.getOptionValueSource(name) === 'cli' ? values[name] : undefined
  return { home: typed('home'), workspace: typed('workspace'), policy: typed('policy'), dev }
}

// What is built in is listed and runs, and is not installed: it has no versions, no consent and nothing to remove.
function explainBuiltin(error: unknown): unknown {
  if (!isPlatformError(error) || error.code !== 'ERR_HOST_NOT_INSTALLED') return error
  const { extension } = error.details as { readonly extension?: string }
  return BUILTINS.some(({ manifest }) => manifest.name === extension)
    ? new RefusedError(`"${extension}" is built in: it can be run, and not shown or changed`)
    : error
}

function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)]
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

// That there are options is true of each, and makes the column so wide that descriptions do not fit beside it.
function describeUsage(command: Command): string {
  return `${command.name()} ${command.usage().replace('[options]', '').trim()}`
}

// `(default: false)` and `(default: [])` tell nobody anything.
function describeOption({ description, defaultValue }: Option): string {
  return typeof defaultValue === 'string'
    ? `${description} (default: ${defaultValue})`
    : description
}
