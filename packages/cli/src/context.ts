import { cleanText } from '@morphee/core'
import { createEgress, type Egress, type EgressContext } from '@morphee/egress'
import { createSystemResolver, createUndiciTransport } from '@morphee/egress/node'
import {
  type ApprovalSurface,
  type Approver,
  type BuiltinDefinition,
  createTasks,
  type DevelopmentHost,
  fixedPolicy,
  type PolicySource,
  type Principal,
  type SignedHost,
} from '@morphee/host'
import { createDevelopmentHost, createHost, openPolicyFile } from '@morphee/host/node'
import {
  type ArtifactCache,
  createRegistryClient,
  type RegistryClient,
  transportFromEgress,
} from '@morphee/registry'
import {
  createDirectoryCache,
  createDockerCredentials,
  dockerConfigPaths,
} from '@morphee/registry/node'
import type { TrustSource } from '@morphee/signing'
import { createFileTrustSource } from '@morphee/signing/node'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { CommandLine } from './command-line.ts'
import { createTerminalApprovals, createWaitingApprovals } from './consent/terminal-approvals.ts'
import { RefusedError } from './refusal.ts'
import type { Terminal } from './terminal/terminal.ts'

/** What a command is given by whoever runs it; the process itself, or a test. */
export interface CliEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: NodeJS.ReadStream
  /** Makes the way to the network. @default the system's resolver and sockets */
  readonly createEgress?: () => Egress
}

/** What every host of the command has without any installation. */
export const BUILTINS: readonly BuiltinDefinition[] = [createTasks()]

/** Options that every command takes. */
export interface GlobalOptions {
  readonly home: string | undefined
  readonly workspace: string
  readonly dev: boolean
  readonly policy: string | undefined
}

/** What commands work with; hosts are opened when they are first asked for, and closed at the end. */
export class CliContext {
  readonly terminal: Terminal
  readonly environment: CliEnvironment
  readonly workspace: string
  readonly dev: boolean
  /** How a person is told what to type next. */
  readonly commandLine: CommandLine
  readonly #home: string
  readonly #policyFile: string | undefined
  #signed: Promise<SignedHost> | undefined
  #development: Promise<DevelopmentHost> | undefined
  #egress: Egress | undefined
  #waits = false

  constructor(
    terminal: Terminal,
    environment: CliEnvironment,
    options: GlobalOptions,
    commandLine: CommandLine,
  ) {
    this.commandLine = commandLine
    this.terminal = terminal
    this.environment = environment
    this.workspace = options.workspace
    this.dev = options.dev
    this.#policyFile = options.policy
    // An empty variable is as good as none; taken as a path it would be the current folder.
    const home = options.home ?? environment.variables['MORPHEE_HOME']
    this.#home = home ? resolve(environment.cwd, home) : join(homedir(), '.morphee')
  }

  /** The one who sits at the terminal; owner of the local workspaces. */
  get principal(): Principal {
    return { kind: 'person', id: 'local' }
  }

  /** The same person, as who may answer questions. */
  get approver(): Approver {
    return { person: 'local', roles: ['owner'] }
  }

  /** From here on calls wait for answers that are given elsewhere, where this terminal has nobody to ask. */
  waitForApprovals(): void {
    this.#waits = true
  }

  /** Where trusted certificates and publishers are kept. */
  get trustDirectory(): string {
    return join(this.#home, 'trust')
  }

  /** Whose signatures count. @throws RefusedError while nobody is trusted at all, which is no damage of the files */
  get trust(): TrustSource {
    const source = createFileTrustSource(this.trustDirectory)
    return {
      read: () => {
        this.requireTrust()
        return source.read()
      },
    }
  }

  /** The directory of what is trusted. @throws RefusedError while there is none */
  readonly requireTrust = (): string => {
    if (!existsSync(this.trustDirectory))
      throw new RefusedError(
        `Nobody is trusted on this host yet; trust a publisher first: ${this.commandLine.spell('trust add CERTIFICATE --publisher NAME')}`,
      )
    return this.trustDirectory
  }

  /** Where `keygen` puts keys. */
  get keyDirectory(): string {
    return join(this.#home, 'keys')
  }

  /** Where the operator's policy is looked for: the one that was named, or `policy.yaml` in the data directory. */
  get policyPath(): { readonly path: string; readonly named: boolean } {
    const named = this.#policyFile ?? this.environment.variables['MORPHEE_POLICY']
    return named
      ? { path: resolve(this.environment.cwd, named), named: true }
      : { path: join(this.#home, 'policy.yaml'), named: false }
  }

  /** The operator's policy; without a restriction while nobody named a file and the data directory has none. @throws `ERR_POLICY_INVALID` */
  get policy(): PolicySource {
    const { path, named } = this.policyPath
    if (!named && !existsSync(path)) return fixedPolicy({})
    return openPolicyFile(path, {
      onRefused: (error) =>
        this.terminal.note(
          `${this.terminal.warn('The policy before it stays in force:')} ${cleanText(error.message, 2000)}`,
        ),
    })
  }

  /** The host for signed extensions. */
  signedHost(): Promise<SignedHost> {
    this.#signed ??= createHost({
      home: join(this.#home, 'host'),
      trust: this.trust,
      builtins: BUILTINS,
      ...this.#approvals(),
      policy: this.policy,
      ...this.#network(),
    })
    return this.#signed
  }

  /** The host for unsigned extensions, in a home of its own. */
  developmentHost(): Promise<DevelopmentHost> {
    this.#development ??= createDevelopmentHost({
      home: join(this.#home, 'development'),
      builtins: BUILTINS,
      ...this.#approvals(),
      policy: this.policy,
      ...this.#network(),
    })
    return this.#development
  }

  /** The host that `--dev` chooses. */
  readonly host = (): Promise<SignedHost | DevelopmentHost> =>
    this.dev ? this.developmentHost() : this.signedHost()

  /** A client for registries; plain http to loopback only. */
  registryClient(): RegistryClient {
    this.#egress ??=
      this.environment.createEgress?.() ??
      createEgress({
        transport: createUndiciTransport(),
        resolver: createSystemResolver(),
        allowPlainHttpLoopback: true,
      })
    // A person named the registry on the command line; where it redirects to is bounded by the guard's own rules.
    const context: EgressContext = { partition: 'registry', permit: () => ({ allowed: true }) }
    return createRegistryClient({
      transport: transportFromEgress(this.#egress, context),
      credentials: createDockerCredentials({
        paths: dockerConfigPaths(this.environment.variables),
      }),
      plainHttp: (registry) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(registry),
    })
  }

  /** Artifacts that were verified before; hashed again whenever they are read. */
  artifactCache(): Promise<ArtifactCache> {
    return createDirectoryCache(join(this.#home, 'cache'))
  }

  async close(): Promise<void> {
    const hosts = await Promise.allSettled([this.#signed, this.#development])
    for (const host of hosts) if (host.status === 'fulfilled') await host.value?.close()
    await this.#egress?.close()
  }

  #approvals(): { readonly approvals?: ApprovalSurface } {
    if (this.terminal.interactive)
      return { approvals: createTerminalApprovals(this.terminal, this.approver) }
    return this.#waits ? { approvals: createWaitingApprovals(this.terminal, this.commandLine) } : {}
  }

  #network(): { readonly egress?: Egress } {
    const { createEgress: make } = this.environment
    return make === undefined ? {} : { egress: make() }
  }
}
