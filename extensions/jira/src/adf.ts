/** A node of the Atlassian Document Format; a document is one of type `doc`. */
export interface AdfNode {
  readonly type: string
  readonly text?: string
  readonly attrs?: { readonly text?: string; readonly url?: string; readonly shortName?: string }
  readonly content?: readonly AdfNode[]
}

/** A document of paragraphs; an empty line begins a new one. */
export function toDocument(text: string): AdfNode & { readonly version: 1 } {
  const paragraphs = text
    .replaceAll('\r\n', '\n')
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== '')
  return { type: 'doc', version: 1, content: paragraphs.map(toParagraph) }
}

function toParagraph(text: string): AdfNode {
  const content = text.split('\n').flatMap((line, i): AdfNode[] => [
    ...(i > 0 ? [{ type: 'hardBreak' }] : []),
    // A text node must not be empty.
    ...(line === '' ? [] : [{ type: 'text', text: line }]),
  ])
  return { type: 'paragraph', content }
}

const BLOCKS = new Set([
  'paragraph',
  'heading',
  'codeBlock',
  'blockquote',
  'listItem',
  'tableRow',
  'rule',
  'panel',
])

/** The words of a document, a line a block. */
export function toText(node: AdfNode): string {
  return write(node)
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function write(node: AdfNode): string {
  if (node.type === 'text') return node.text ?? ''
  if (node.type === 'hardBreak') return '\n'
  // Mentions, emoji and cards keep their words in attributes.
  if (node.content === undefined)
    return node.attrs?.text ?? node.attrs?.shortName ?? node.attrs?.url ?? ''
  const inner = node.content.map(write).join('')
  return BLOCKS.has(node.type) ? `${inner}\n` : inner
}
