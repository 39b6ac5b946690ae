/** What each kind of id starts with. */
export const ID_PREFIXES = {
  approval: 'apr',
  connection: 'con',
  conversation: 'cnv',
  event: 'evt',
  grant: 'grt',
  installation: 'ins',
  invocation: 'inv',
  person: 'usr',
  request: 'req',
  task: 'tsk',
  workspace: 'wsp',
} as const

/** The kinds of ids there are. */
export type IdKind = keyof typeof ID_PREFIXES

/** An id of one kind, such as `inv_3k9…`: 26 characters of Crockford base 32 after the prefix. */
export type Id<Kind extends IdKind> = `${(typeof ID_PREFIXES)[Kind]}_${string}`

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** A new random id: 130 bits from the platform's secure generator, so nobody can guess another's. */
export function createId<Kind extends IdKind>(kind: Kind): Id<Kind> {
  let text = ''
  for (const byte of crypto.getRandomValues(new Uint8Array(26))) text += ALPHABET[byte & 31]
  return `${ID_PREFIXES[kind]}_${text}` as Id<Kind>
}

/** Reads an id of `kind`, or `undefined` when `text` is not one. */
export function tryParseId<Kind extends IdKind>(kind: Kind, text: string): Id<Kind> | undefined {
  const prefix = `${ID_PREFIXES[kind]}_`
  return text.startsWith(prefix) && /^[0-9a-hjkmnp-tv-z]{26}$/.test(text.slice(prefix.length))
    ? (text as Id<Kind>)
    : undefined
}
