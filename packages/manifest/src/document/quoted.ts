import { isCleanText } from '@morphee/core'

/** Foreign text in a message: quoted, escaped, at most `maxLength` characters, with U+FFFD for what would hide or reorder. */
export function quoted(text: string, maxLength = 60): string {
  const json = JSON.stringify(text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`)
  return [...json].map((character) => (isCleanText(character) ? character : '\ufffd')).join('')
}
