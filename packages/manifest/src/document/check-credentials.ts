import type { JsonObject, JsonValue } from '@morphee/core'
import type { CredentialField, CredentialSpec } from '../manifest.ts'
import { faultOfOriginTemplate } from '../url/origin-template.ts'
import type { CheckContext } from './check-manifest.ts'
import { isPlainName } from './check-actions.ts'
import type { Path } from './diagnostics.ts'
import { memberOf } from './shape.ts'
import { quoted } from './quoted.ts'

const KINDS = ['basic', 'bearer', 'api-key'] as const

/** What a person is asked for when the manifest gives no words of its own. */
const FIELD_TITLES = {
  basic: { username: 'User name', password: 'Password' },
  bearer: { token: 'Token' },
  'api-key': { key: 'API key' },
} as const

/** The credentials of a manifest. */
export function checkCredentials(
  value: JsonValue,
  path: Path,
  context: CheckContext,
): Record<string, CredentialSpec> {
  const credentials: Record<string, CredentialSpec> = {}
  const object = context.shape.map(value, path) ?? {}
  for (const [name, body] of Object.entries(object).slice(0, 50)) {
    const at = [...path, name]
    if (!isPlainName(name)) {
      context.report(
        at,
        `the credential name ${quoted(name)} must be lower-case words joined by hyphens, at most 64 characters`,
      )
      continue
    }
    const credential = checkCredential(body, at, context)
    if (credential !== undefined) credentials[name] = credential
  }
  return credentials
}

function checkCredential(
  value: JsonValue,
  path: Path,
  context: CheckContext,
): CredentialSpec | undefined {
  const { shape } = context
  const whole = shape.map(value, path)
  if (whole === undefined) return undefined
  const asked = memberOf(whole, 'kind')
  if (asked === 'oauth2') {
    context.report([...path, 'kind'], 'oauth2 is not supported yet')
    return undefined
  }
  const kind = shape.oneOf(asked, [...path, 'kind'], KINDS)
  if (kind === undefined) return undefined
  const own = kind === 'api-key' ? ['header', 'scheme'] : []
  shape.object(value, path, ['kind', 'audience', 'title', 'fields', ...own])
  const audience = checkAudience(memberOf(whole, 'audience'), [...path, 'audience'], context)
  const titled = memberOf(whole, 'title')
  const title = titled === undefined ? undefined : shape.text(titled, [...path, 'title'], 80)
  const base = { audience, ...(title === undefined ? {} : { title }) }
  const fields = checkFields(kind, memberOf(whole, 'fields'), [...path, 'fields'], context)
  if (kind === 'basic')
    return {
      kind,
      ...base,
      fields: fields as { username: CredentialField; password: CredentialField },
    }
  if (kind === 'bearer') return { kind, ...base, fields: fields as { token: CredentialField } }
  const header = checkHeader(memberOf(whole, 'header'), [...path, 'header'], context)
  const schemed = memberOf(whole, 'scheme')
  const scheme =
    schemed === undefined ? undefined : checkScheme(schemed, [...path, 'scheme'], context)
  return {
    kind,
    ...base,
    header,
    ...(scheme === undefined ? {} : { scheme }),
    fields: fields as { key: CredentialField },
  }
}

function checkAudience(value: JsonValue | undefined, path: Path, context: CheckContext): string[] {
  const audience: string[] = []
  const list = context.shape.list(value, path, 20) ?? []
  if (Array.isArray(value) && list.length === 0)
    context.report(path, 'must name at least one origin')
  for (const [i, item] of list.entries()) {
    const text = context.shape.string(item, [...path, i])
    if (text === undefined) continue
    const fault = faultOfOriginTemplate(text, context.config, { development: context.development })
    if (fault === undefined) audience.push(text)
    else context.report([...path, i], `${quoted(text)}: ${fault}`)
  }
  return audience
}

function checkFields(
  kind: (typeof KINDS)[number],
  value: JsonValue | undefined,
  path: Path,
  context: CheckContext,
): Record<string, CredentialField> {
  const titles: Readonly<Record<string, string>> = FIELD_TITLES[kind]
  const object =
    value === undefined ? {} : (context.shape.object(value, path, Object.keys(titles)) ?? {})
  const fields: Record<string, CredentialField> = {}
  for (const [name, title] of Object.entries(titles)) {
    const field = memberOf(object, name)
    fields[name] =
      field === undefined ? { title } : checkField(field, title, [...path, name], context)
  }
  return fields
}

function checkField(
  value: JsonValue,
  defaultTitle: string,
  path: Path,
  context: CheckContext,
): CredentialField {
  const object: JsonObject = context.shape.object(value, path, ['title', 'help']) ?? {}
  const titled = memberOf(object, 'title')
  const title =
    titled === undefined
      ? defaultTitle
      : (context.shape.text(titled, [...path, 'title'], 80) ?? defaultTitle)
  const helped = memberOf(object, 'help')
  if (helped === undefined) return { title }
  const help = context.shape.text(helped, [...path, 'help'], 500)
  if (help !== undefined && !isHelpLink(help))
    context.report([...path, 'help'], 'must be an https address')
  return help === undefined ? { title } : { title, help }
}

function isHelpLink(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'https:' && url.username === '' && url.password === ''
}

// The host writes these itself, or they would let a credential leave by another door.
const FORBIDDEN_HEADERS =
  /^(?:host|cookie|set-cookie|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|keep-alive|expect|origin|referer|via|forwarded|x-forwarded-.*|x-http-method.*|x-method-override|proxy-.*|sec-.*)$/

function checkHeader(value: JsonValue | undefined, path: Path, context: CheckContext): string {
  const text = context.shape.string(value, path)
  if (text === undefined) return ''
  const header = text.toLowerCase()
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(header))
    context.report(path, `${quoted(text)} is no name of a header`)
  else if (FORBIDDEN_HEADERS.test(header))
    context.report(path, `the header ${quoted(text)} is written by the host alone`)
  return header
}

function checkScheme(value: JsonValue, path: Path, context: CheckContext): string | undefined {
  const text = context.shape.string(value, path)
  if (text === undefined || /^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(text)) return text
  context.report(path, 'must be one word, such as Token')
  return undefined
}
