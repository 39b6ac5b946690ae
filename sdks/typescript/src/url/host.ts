import { percentDecode, percentEncode } from './percent.ts'

// oxlint-disable-next-line no-control-regex -- the URL Standard's forbidden host code points
const FORBIDDEN_HOST = /[\0\t\n\r #/:<>?@[\\\]^|]/
// oxlint-disable-next-line no-control-regex -- and the forbidden domain code points
const FORBIDDEN_DOMAIN = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/

/** A host in its one spelling, or `undefined` when it is none. Names outside ASCII are refused: write them as `xn--…`. */
export function parseHost(text: string, special: boolean): string | undefined {
  if (text.startsWith('[')) {
    const groups = text.endsWith(']') ? parseIpv6(text.slice(1, -1)) : undefined
    return groups && `[${formatIpv6(groups)}]`
  }
  if (!special) return FORBIDDEN_HOST.test(text) ? undefined : percentEncode(text, '')
  const name = percentDecode(text).toLowerCase()
  // oxlint-disable-next-line no-control-regex -- ASCII and nothing else
  if (name === '' || !/^[\0-\x7f]*$/.test(name) || FORBIDDEN_DOMAIN.test(name)) return undefined
  return endsInNumber(name) ? parseIpv4(name) : name
}

function endsInNumber(name: string): boolean {
  const labels = name.split('.')
  if (labels.at(-1) === '' && labels.length > 1) labels.pop()
  const last = labels.at(-1) as string
  return /^\d+$/.test(last) || /^0x[0-9a-f]*$/.test(last)
}

function parseIpv4(name: string): string | undefined {
  const parts = name.split('.')
  if (parts.at(-1) === '' && parts.length > 1) parts.pop()
  if (parts.length > 4) return undefined
  const numbers = parts.map(parseIpv4Number)
  const last = numbers.at(-1)
  if (
    last === undefined ||
    numbers.slice(0, -1).some((number) => number === undefined || number > 255)
  ) {
    return undefined
  }
  if (last >= 256 ** (5 - numbers.length)) return undefined
  let address = last
  for (const [i, number] of numbers.slice(0, -1).entries())
    address += (number as number) * 256 ** (3 - i)
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

function parseIpv4Number(part: string): number | undefined {
  if (part === '') return undefined
  if (/^0x[0-9a-f]*$/.test(part)) return part === '0x' ? 0 : Number.parseInt(part.slice(2), 16)
  if (/^0[0-7]+$/.test(part)) return Number.parseInt(part, 8)
  return /^(0|[1-9]\d*)$/.test(part) ? Number(part) : undefined
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const parsed = halves.map((half, i) => parseGroups(half, i === halves.length - 1))
  const [head, tail] = parsed
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  if (halves.length === 1) return head.length === 8 ? head : undefined
  const missing = 8 - head.length - (tail as number[]).length
  return missing < 1
    ? undefined
    : [...head, ...Array.from({ length: missing }, () => 0), ...(tail as number[])]
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    const dotted = last && i === parts.length - 1 && part.includes('.')
    if (dotted) {
      const bytes = part
        .split('.')
        .map((byte) => (/^(0|[1-9]\d{0,2})$/.test(byte) ? Number(byte) : 256))
      if (bytes.length !== 4 || bytes.some((byte) => byte > 255)) return undefined
      const [a, b, c, d] = bytes as [number, number, number, number]
      groups.push(a * 256 + b, c * 256 + d)
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups.length > 8 ? undefined : groups
}

// The first of the longest runs of two zeros and more is written as `::`.
function formatIpv6(groups: readonly number[]): string {
  let start = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let end = i
    while (groups[end] === 0) end++
    if (end - i > length) {
      start = i
      length = end - i
    }
    i = Math.max(i, end - 1)
  }
  const hex = groups.map((group) => group.toString(16))
  return start < 0
    ? hex.join(':')
    : `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}
