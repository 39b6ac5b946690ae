// What allows compares a path as it is spelled: another spelling is not allowed. What forbids must not, because the service
// behind may take `/%61dmin`, `/Admin` and `/admin;x` for `/admin`, and a rule that one of them passes is none.
import type { Glob, Word } from './glob.ts'

/** `word` with its path as the laxest of services reads it: percent-encoding undone, parameters, case and ends without meaning gone. */
export function foldWord(word: Word): Word {
  return word.map(foldLetter)
}

/** {@link foldWord} for a pattern; its holes stay. */
export function foldGlob(glob: Glob): Glob {
  return { ...glob, letters: glob.letters.map(foldLetter) }
}

function foldLetter(letter: string): string {
  return letter.startsWith('s') ? `s${foldSegment(letter.slice(1))}` : letter
}

function foldSegment(segment: string): string {
  if (/^[a-z0-9_~-]*$/.test(segment)) return segment
  const [bare = ''] = decoded(segment).split(';')
  return bare
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s.]+$/, '')
}

// Encoded twice it is decoded twice: by a proxy, and by what stands behind it.
function decoded(segment: string): string {
  let text = segment
  for (;;) {
    const next = text.replaceAll(/%(?:25)*([2-7][0-9a-f])/gi, (_, byte: string) =>
      String.fromCharCode(Number.parseInt(byte, 16)),
    )
    if (next === text) break
    text = next
  }
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
