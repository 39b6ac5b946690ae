import { cleanLine } from '@morphee/core'
import { isAddressRange } from '@morphee/egress'
import {
  type AccessRequest,
  type Explanation,
  formatLimit,
  LIMIT_KEYS,
  LIMITS,
  parsePolicyYaml,
  type PermissionKind,
  type PolicyPlace,
  type PolicyRule,
  policyFor,
  scopesOf,
  tryParsePermissionKind,
} from '@morphee/manifest'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CommandSetup } from '../command-setup.ts'
import { AnsweredNo, UsageError } from '../refusal.ts'
import { formatTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** `policy check`, `policy show` and `policy validate`. */
export function addPolicyCommands({ program, withContext }: CommandSetup): void {
  const policy = program
    .command('policy')
    .description("the operator's policy: what it says, and what it would decide")

  policy
    .command('check <extension> <action> <access...>')
    .description('would this be allowed, and who decides; nothing is sent or changed')
    .option('--graphql <fields>', 'the body is a GraphQL query of these top-level fields')
    .addHelpText(
      'after',
      `
ACCESS is a method and a URL, or a permission with what it names:
  morphee policy check acme/jira create-issue POST https://acme.atlassian.net/rest/api/3/issue
  morphee policy check acme/jira search-issues storage:write
  morphee policy check acme/notes save data:write tasks

Exit code 0 when it would be allowed or asked about, 1 when it would be refused.`,
    )
    .action(
      (
        extension: string,
        action: string,
        words: readonly string[],
        options: { readonly graphql?: string },
      ) =>
        withContext(async (context) => {
          const request = accessOf(words, options.graphql)
          const { refusal } = policyFor(context.policy.current(), extension)
          const host = await context.host()
          const explained = await host.explain(context.workspace, extension, action, request)
          printExplanation(context.terminal, `${extension} ${action}`, words.join(' '), explained)
          if (refusal !== undefined) {
            context.terminal.print(
              context.terminal.bad(`It does not run at all: ${refusal.reason}${at(refusal.place)}`),
            )
          }
          const allowed = refusal === undefined && explained.decision.kind !== 'deny'
          context.terminal.result({ extension, action, request, allowed, refusal, ...explained })
          if (!allowed) throw new AnsweredNo()
        }),
    )

  policy
    .command('show [extension]')
    .description('the rules that count, for everybody or for one extension')
    .action((extension: string | undefined) =>
      withContext(async (context) => {
        const current = context.policy.current()
        const shown = policyFor(current, extension ?? '')
        const { path, named } = context.policyPath
        const { terminal } = context
        terminal.print(
          Object.keys(current).length === 0
            ? `No rules${named ? '' : ` (there may be some in ${path})`}: only manifests, grants and built-in ceilings count`
            : `Rules of ${path}`,
        )
        const rows = [
          ...ruleRows('ceiling', shown.rules.ceiling),
          ...ruleRows('deny', shown.rules.deny),
          ...ruleRows('ask', shown.rules.ask),
          ...LIMIT_KEYS.flatMap((key) => {
            const value = shown.ceilings[key]
            const { name, unit } = LIMITS[key]
            return value === undefined ? [] : [['limit', `${name} ${formatLimit(value, unit)}`, '']]
          }),
          ...shown.privateNetworks.map(({ host, cidr }) => ['private', `${host} in ${cidr}`, '']),
          ['isolation', shown.isolation, ''],
        ]
        for (const line of formatTable(rows)) terminal.print(line)
        if (extension !== undefined && shown.refusal !== undefined) {
          terminal.print(
            terminal.bad(`It does not run: ${shown.refusal.reason}${at(shown.refusal.place)}`),
          )
        }
        if (extension === undefined && current.extensions !== undefined) {
          terminal.print('')
          terminal.print(
            `Rules of their own: ${Object.keys(current.extensions).join(', ')} (${context.commandLine.spell('policy show NAME')})`,
          )
        }
        terminal.result({ path, policy: current, effective: shown })
      }),
    )

  policy
    .command('validate [file]')
    .description('read a policy and say everything that is wrong with it, with line and column')
    .action((file: string | undefined) =>
      withContext(async (context) => {
        const { path, named } =
          file === undefined
            ? context.policyPath
            : { path: resolve(context.environment.cwd, file), named: true }
        if (!named && !existsSync(path))
          throw new UsageError(
            `There is no policy at "${path}", so nothing is restricted; name a file: ${context.commandLine.spell('policy validate FILE')}`,
          )
        const text = await readFile(path, 'utf8')
        const parsed = parsePolicyYaml(text, { fileName: file ?? path, isAddressRange })
        context.terminal.print(context.terminal.good(`✓ ${cleanLine(file ?? path, 300)}`))
        context.terminal.result({ path, policy: parsed })
      }),
    )
}

const METHOD = /^[A-Za-z]+$/

function accessOf(words: readonly string[], graphql: string | undefined): AccessRequest {
  const [first = '', name, ...more] = words
  const kind = tryParsePermissionKind(first)
  if (kind === undefined || kind.startsWith('http:')) return httpAccess(first, name, more, graphql)
  if (more.length > 0 || graphql !== undefined)
    throw new UsageError(`${kind} takes at most one name`)
  return namedAccess(kind, name)
}

function httpAccess(
  method: string,
  url: string | undefined,
  more: readonly string[],
  graphql: string | undefined,
): AccessRequest {
  if (!METHOD.test(method) || url === undefined || more.length > 0) {
    throw new UsageError(
      'ACCESS is a method and a URL (GET https://a.example/x), or a permission other than http with what it names',
    )
  }
  const fields = graphql?.split(/[\s,]+/).filter((field) => field !== '')
  return {
    kind: 'http',
    method: method.toUpperCase(),
    url,
    ...(fields === undefined ? {} : { graphql: { operation: 'query', fields } }),
  }
}

function namedAccess(kind: PermissionKind, name: string | undefined): AccessRequest {
  const [domain, access] = kind.split(':') as [string, string | undefined]
  const named = (): string => {
    if (name === undefined) throw new UsageError(`${kind} needs the name it is about`)
    return name
  }
  switch (domain) {
    case 'storage':
      return { kind: 'storage', access: access as 'read' | 'write' }
    case 'vault':
      return { kind: 'vault', access: access as 'read' | 'write', name: named() }
    case 'data':
      return { kind: 'data', access: access as 'read' | 'write', collection: named() }
    case 'event':
      return { kind: 'event', access: access as 'emit' | 'subscribe', topic: named() }
    default:
      return { kind: 'guest-auth' }
  }
}

function printExplanation(
  terminal: Terminal,
  who: string,
  what: string,
  { decision, layers }: Explanation,
): void {
  terminal.print(`${terminal.bold(who)}: ${cleanLine(what, 300)}`)
  terminal.print('')
  const answers = { allow: 'yes', ask: 'ask', deny: 'no' }
  const rows = layers.map(({ layer, kind, message, rule }) => [
    layer,
    answers[kind],
    `${cleanLine(message, 300)}${at(rule)}`,
  ])
  for (const line of formatTable(rows)) terminal.print(`  ${line}`)
  if (layers.length > 0) terminal.print('')
  const { kind, refusedBy, message } = decision
  terminal.print(
    kind === 'allow'
      ? terminal.good('→ allowed')
      : kind === 'ask'
        ? terminal.warn(`→ a person is asked, because of the ${refusedBy}`)
        : terminal.bad(
            `→ refused by the ${refusedBy}${layers.length === 0 ? `: ${cleanLine(message, 300)}` : ''}${at(decision.rule)}`,
          ),
  )
}

function at(place: PolicyPlace | undefined): string {
  return place === undefined ? '' : `  (${cleanLine(place.file, 300)}, line ${place.line})`
}

function ruleRows(name: string, rules: readonly PolicyRule[] | undefined): string[][] {
  if (rules === undefined) return []
  if (rules.length === 0) return name === 'ceiling' ? [[name, 'nothing', '']] : []
  return rules.map(({ permission, place }) => {
    const text =
      typeof permission === 'string'
        ? `${permission}, all of it`
        : [
            permission.kind,
            ...scopesOf(permission),
            ...(permission.kind === 'http:read' ? (permission.operations ?? []) : []).map(
              ({ url, graphql }) =>
                `POST ${url}${graphql === undefined ? '' : ` (GraphQL ${graphql})`}`,
            ),
          ].join(' ')
    return [name, text, place === undefined ? '' : `line ${place.line}`]
  })
}
