import type { Glob, Word } from './glob.ts'

interface Node {
  readonly next: Map<string, Node>
  end: boolean
  tails: string
}

/** Many globs in one tree: a look-up walks the letters of the word, however many patterns there are. */
export class GlobTrie {
  readonly #root: Node = createNode()

  constructor(globs: Iterable<Glob>) {
    for (const glob of globs) {
      let node = this.#root
      for (const letter of glob.letters) {
        let next = node.next.get(letter)
        if (next === undefined) node.next.set(letter, (next = createNode()))
        node = next
      }
      node.end = true
      if (glob.tail !== undefined && !node.tails.includes(glob.tail)) node.tails += glob.tail
    }
  }

  /** Whether one of the globs allows `word`. */
  allows(word: Word): boolean {
    return allowsFrom(this.#root, word, 0)
  }
}

function createNode(): Node {
  return { next: new Map(), end: false, tails: '' }
}

function allowsFrom(node: Node, word: Word, at: number): boolean {
  const letter = word[at]
  if (letter === undefined) return node.end
  const kind = letter[0] as string
  if (node.tails.includes(kind) && restIs(kind, word, at)) return true
  if (node.next.size === 0) return false
  const exact = node.next.get(letter)
  if (exact !== undefined && allowsFrom(exact, word, at + 1)) return true
  const hole = node.next.get(`${kind}*`)
  return hole !== undefined && hole !== exact && allowsFrom(hole, word, at + 1)
}

function restIs(kind: string, word: Word, at: number): boolean {
  for (let i = at; i < word.length; i++) if (word[i]?.[0] !== kind) return false
  return true
}
