import { isPlatformError } from '@morphee/core'
import { type AllowedPrivate, compileAllowedPrivate } from './address/allowed-private.ts'
import { type AddressRules, checkAddresses } from './address/check-addresses.ts'
import { Attempt, headBytes, type Hop, type HopAnswer } from './attempt.ts'
import { ACCEPTED_CODINGS } from './body/decode-body.ts'
import type { EgressStep } from './context.ts'
import { EgressError } from './errors.ts'
import { assertPermitted, charge, type Exchange } from './exchange.ts'
import { type AppliedCredential, applyCredential } from './headers/credential-headers.ts'
import { isAuthHeader } from './headers/guest-auth.ts'
import { headerValue } from './headers/response-headers.ts'
import { outcomeOf } from './outcome.ts'
import type { EgressHeader } from './request.ts'
import { hostOf } from './url/parse-target.ts'

const MAX_ATTEMPTS = 4

/**
 * Sends one hop, with every check there is, in the order of the design: permission, rate, names, addresses, credential,
 * wire. The first request and each redirect come through here alike.
 */
export async function sendHop(exchange: Exchange, url: URL, step: EgressStep): Promise<HopAnswer> {
  const { guard, context, deadline, method } = exchange
  deadline.signal.throwIfAborted()
  assertPermitted(await askPermission(exchange, url, step), url, method)
  const sentBefore = exchange.bytesSent
  await charge(exchange, { kind: 'request', url: new URL(url), method })
  await charge(exchange, { kind: 'bytes', sent: knownBytes(exchange, url), received: 0 })
  const host = hostOf(url)
  const addresses = await resolve(exchange, host)
  checkAddresses(url, host, addresses, addressRules(guard.addresses, context.allowedPrivate))
  if (url.origin !== exchange.origin) exchange.leftOrigin = true
  const credential = exchange.leftOrigin
    ? undefined
    : await deadline.race(context.credential?.(new URL(url)))
  const applied = applyCredential(url, requestHeaders(exchange), credential)
  const hop = { url, hop: step.hop, sentBefore }
  return sendToFirst(exchange, hop, addresses.slice(0, MAX_ATTEMPTS), applied)
}

function addressRules(rules: AddressRules, further: readonly AllowedPrivate[] = []): AddressRules {
  if (further.length === 0) return rules
  const allows = compileAllowedPrivate(further)
  return {
    ...rules,
    allowedPrivate: (host, address) => rules.allowedPrivate(host, address) || allows(host, address),
  }
}

// A streamed body is charged as it goes.
function knownBytes(exchange: Exchange, url: URL): number {
  const { method, body } = exchange
  const head = headBytes(requestHeaders(exchange), `${method} ${url.pathname}${url.search}`)
  return head + (body instanceof Uint8Array ? body.length : 0)
}

function askPermission(
  exchange: Exchange,
  url: URL,
  step: EgressStep,
): Promise<Parameters<typeof assertPermitted>[0]> {
  // A copy: what was permitted is what is sent, whatever the asked party does with the object.
  const answer = exchange.context.permit(new URL(url), exchange.method, step)
  return exchange.deadline.pauseFor(Promise.resolve(answer))
}

async function resolve(exchange: Exchange, host: string): Promise<readonly string[]> {
  if (host.includes(':') || /^[\d.]+$/.test(host)) return [host]
  const { resolver } = exchange.guard
  const addresses = await exchange.deadline.race(resolver.resolve(host, exchange.deadline.signal))
  if (addresses.length > 0) return addresses
  throw new EgressError(
    'ERR_EGRESS_UNREACHABLE',
    `Cannot find "${host}": its name has no address`,
    {
      host,
      reason: 'no-address',
      sent: false,
    },
  )
}

function requestHeaders(exchange: Exchange): EgressHeader[] {
  const { guard, bodyLength, decompress } = exchange
  const headers = exchange.leftOrigin
    ? exchange.headers.filter(({ name }) => !isAuthHeader(name))
    : [...exchange.headers]
  if (headerValue(headers, 'user-agent') === undefined) {
    headers.push({ name: 'user-agent', value: guard.userAgent })
  }
  headers.push({ name: 'accept-encoding', value: decompress ? ACCEPTED_CODINGS : 'identity' })
  if (bodyLength !== undefined) headers.push({ name: 'content-length', value: String(bodyLength) })
  return headers
}

async function sendToFirst(
  exchange: Exchange,
  hop: Hop,
  addresses: readonly string[],
  applied: AppliedCredential,
): Promise<HopAnswer> {
  for (const [index, address] of addresses.entries()) {
    const attempt = new Attempt(exchange, hop, address)
    try {
      return await attempt.send(applied)
    } catch (error) {
      const told = attempt.explain(error)
      await attempt.end({ error: outcomeOf(exchange, told) })
      // Only a connection that never came about may be tried elsewhere: a request is sent once.
      const mayTryNext = isPlatformError(told, 'ERR_EGRESS_UNREACHABLE') && !attempt.sent
      if (!mayTryNext || index === addresses.length - 1) throw told
    }
  }
  throw new RangeError('A hop needs an address')
}
