/** Words after `lead`, separated by commas, in lines of about `width` characters; further lines begin below the first word. */
export function wrapList(lead: string, words: readonly string[], width = 80): string[] {
  const lines: string[] = []
  for (const [i, word] of words.entries()) {
    const piece = i === words.length - 1 ? word : `${word},`
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + piece.length <= width)
      lines[lines.length - 1] = `${line} ${piece}`
    else lines.push(`${line === undefined ? lead : ' '.repeat(lead.length)}${piece}`)
  }
  return lines
}
