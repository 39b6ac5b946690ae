import { EgressError } from './errors.ts'

/**
 * Reads a method, in upper case.
 *
 * `CONNECT` would open a tunnel behind the guard's back, `TRACE` sends the credential back in the body.
 *
 * @throws `ERR_EGRESS_METHOD`
 */
export function parseMethod(text: string, hasBody: boolean): string {
  const method = text.toUpperCase()
  if (!/^[A-Z][A-Z-]{0,31}$/.test(method)) refuse(text, 'it is not the name of a method')
  if (method === 'CONNECT' || method === 'TRACE' || method === 'TRACK')
    refuse(method, 'it is never sent')
  if (hasBody && (method === 'GET' || method === 'HEAD')) refuse(method, 'it has no body')
  return method
}

function refuse(method: string, reason: string): never {
  const shown = method.slice(0, 32)
  throw new EgressError('ERR_EGRESS_METHOD', `Cannot send ${JSON.stringify(shown)}: ${reason}`, {
    method: shown,
    reason,
  })
}
