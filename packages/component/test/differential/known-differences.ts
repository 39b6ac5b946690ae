import type { ValueType } from '@morphee/component'
import type { Outcome } from './outcome.ts'

/** Where jco-transpile 0.15 departs from the specification, and how it is told. */
export interface KnownDifference {
  readonly name: string
  /** What the Component Model's CanonicalABI.md says, and where. */
  readonly rule: string
  readonly applies: (ours: Outcome, jco: Outcome, type: ValueType) => boolean
}

const jcoRefuses =
  (message: RegExp): KnownDifference['applies'] =>
  (ours, jco) =>
    !('error' in ours) && 'error' in jco && message.test(jco.error)

const jcoAccepts =
  (message: RegExp, part: (type: ValueType) => boolean): KnownDifference['applies'] =>
  (ours, jco, type) =>
    'error' in ours && message.test(ours.error) && !('error' in jco) && has(type, part)

/** Each of these was read in jco's generated code; the engine follows the specification. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: 'jco refuses flags with bits that stand for nothing',
    rule: 'Loading: unpack_flags_from_int takes the bits it has labels for',
    applies: jcoRefuses(/^flags have extraneous bits set/),
  },
  {
    name: 'jco refuses a bool that is neither 0 nor 1',
    rule: 'Loading: convert_int_to_bool is true for every other number than 0',
    applies: jcoRefuses(/^invalid variant discriminant for bool/),
  },
  {
    name: 'jco refuses a small integer whose core value has more bits',
    rule: 'Flattening: lift_flat_unsigned and lift_flat_signed take it modulo its width',
    applies: jcoRefuses(/^must be between /),
  },
  {
    name: 'the code that jco writes for a map inside a variant does not run',
    rule: 'Specialized value types: a map is a list of pairs, wherever it is',
    applies: (ours, jco, type) =>
      jcoRefuses(/^Cannot access '\w+' before initialization/)(ours, jco, type) && hasMap(type),
  },
  {
    name: 'jco takes a map at an address that is not aligned',
    rule: 'Loading: load_list_from_range traps unless the address is aligned',
    applies: jcoAccepts(/is not aligned to/, ({ kind }) => kind === 'map'),
  },
  {
    name: 'jco cuts off a list of numbers, or a map, that runs past the end of memory',
    rule: 'Loading: load_list_from_range traps unless all of it is in memory',
    applies: jcoAccepts(
      /out of bounds/,
      ({ kind, ...type }) => kind === 'map' || ('element' in type && isNumber(type.element)),
    ),
  },
  {
    name: 'jco replaces what is no UTF-8 or UTF-16 by U+FFFD',
    rule: 'Loading: load_string_from_range traps when decoding fails',
    applies: jcoAccepts(/invalid utf-/, ({ kind }) => kind === 'string'),
  },
  {
    name: 'jco tags every second of options in options, and the engine each that holds another',
    rule: 'none: how a value looks in JavaScript is convention, and two levels look alike in both',
    applies: (_ours, _jco, type) => has(type, isOptionOfOptionOfOption),
  },
]

function isOptionOfOptionOfOption(type: ValueType): boolean {
  return type.kind === 'option' && type.type.kind === 'option' && type.type.type.kind === 'option'
}

/** Whether a map is somewhere in `type`. */
export function hasMap(type: ValueType): boolean {
  return has(type, ({ kind }) => kind === 'map')
}

function isNumber({ kind }: ValueType): boolean {
  return /^([su](8|16|32|64)|f32|f64)$/.test(kind)
}

/** Whether `type` or a part of it is `wanted`. */
function has(type: ValueType, wanted: (type: ValueType) => boolean): boolean {
  return wanted(type) || partsOf(type).some((part) => has(part, wanted))
}

function partsOf(type: ValueType): readonly ValueType[] {
  switch (type.kind) {
    case 'list':
      return [type.element]
    case 'map':
      return [type.key, type.value]
    case 'record':
      return type.fields.map((field) => field.type)
    case 'tuple':
      return type.types
    case 'option':
      return [type.type]
    case 'variant':
      return type.cases.flatMap((one) => one.type ?? [])
    case 'result':
      return [type.ok ?? [], type.error ?? []].flat()
    default:
      return []
  }
}
