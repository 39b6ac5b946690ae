// Category Cc without tab and newline, plus every character that reorders or hides text: bidi controls (UAX 9), zero-width
// and invisible operators, soft hyphen, fillers, tags, further variation selectors, interlinear annotation.
const UNSEEN =
  // oxlint-disable-next-line no-control-regex -- matching control characters is what this is for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu

/**
 * Text of a stranger made fit to be shown: control, bidi and invisible characters removed, length bounded.
 *
 * The result is still data. It is quoted or set apart wherever it stands beside the host's own words, and never markup.
 *
 * @param maxLength in UTF-16 code units; a cut is marked by `…`
 */
export function cleanText(text: string, maxLength: number): string {
  const clean = text
    .slice(0, maxLength * 4)
    .toWellFormed()
    .replace(UNSEEN, '')
  return clean.length <= maxLength
    ? clean
    : `${clean
        .slice(0, maxLength - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`
}

/** {@link cleanText} on one line: every run of white space becomes a space. */
export function cleanLine(text: string, maxLength: number): string {
  return cleanText(
    text
      .slice(0, maxLength * 4)
      .replace(/\s+/g, ' ')
      .trim(),
    maxLength,
  )
}

/** Whether `text` is already what {@link cleanText} would make of it. */
export function isCleanText(text: string): boolean {
  return text.isWellFormed() && text.search(UNSEEN) === -1
}
