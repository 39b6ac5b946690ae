// How each defence is switched off: what is put in the place of what, in a private copy. An attack that is still held then is held
// by something else, or by nothing at all.

import type { Level } from './levels.ts'

/** One replacement. The file is that of the attack's own defence unless another is named. */
export interface Edit {
  readonly file?: string
  readonly search: string
  readonly replace: string
}

const ABI = 'packages/component/src/abi'
const RUN = 'packages/component/src/run'
const cut = (search: string, replace = ''): readonly Edit[] => [{ search, replace }]

const utf8Bounds = cut(
  `  cx.check(pointer, length, 1)
  cx.charge(length)
  if (length <= SHORT_TEXT) {`,
  `  cx.charge(length)
  if (length <= SHORT_TEXT) {`,
)
const utf16Bounds = (replace: string): readonly Edit[] =>
  cut(
    `  const length = units * 2
  if (length > MAX_STRING_BYTES) throw abiTrap('string content out-of-bounds')
  cx.check(pointer, length, 2)`,
    replace,
  )
const latin1Bounds = (replace: string): readonly Edit[] =>
  cut(
    `  cx.check(pointer, length, 2)
  cx.charge(length)
  const parts`,
    replace,
  )
const strictUtf8 = cut(
  "new TextDecoder('utf-8', { fatal: true",
  "new TextDecoder('utf-8', { fatal: false",
)
const strictUtf16 = cut(
  "new TextDecoder('utf-16le', { fatal: true",
  "new TextDecoder('utf-16le', { fatal: false",
)
const listBounds = (replace: string): readonly Edit[] =>
  cut(
    `        if (length * size > MAX_LIST_BYTES) throw abiTrap('list byte length out of bounds')
        cx.check(pointer, length * size, align)
        cx.charge(length * cost)
      },
      read`,
    `${replace}
      },
      read`,
  )
const bytesBounds = cut(
  `  cx.check(pointer, length, 1)
  cx.charge(length)
  return cx.bytes.slice`,
  `  cx.charge(length)
  return cx.bytes.slice`,
)
const flatCase = cut('if (index >= lifts.length) invalidCase(index)')
const memoryCase = cut('if (index >= loads.length) invalidCase(index)')
const returnedArea = (replace: string): readonly Edit[] =>
  cut(
    `cx.check(pointer, layout.size, layout.align)
    return lift.load`,
    `${replace}
    return lift.load`,
  )
const resultArea = (replace: string): readonly Edit[] =>
  cut(
    `cx.check(pointer, layout.size, layout.align)
    lower.store`,
    `${replace}
    lower.store`,
  )
const spilledArea = (replace: string): readonly Edit[] =>
  cut('cx.check(pointer, size, align)', replace)
const reallocBounds = (replace: string): readonly Edit[] =>
  cut(
    `if (pointer + size > this.bytes.length)
      throw abiTrap('realloc`,
    `if (${replace})
      throw abiTrap('realloc`,
  )
const renewedViews = cut('memory.buffer !== this.bytes.buffer', 'this.bytes === EMPTY')
const closedDuringRealloc = cut('frame.mayLeave = false', 'frame.mayLeave = true')

const goneFromTable = cut('    this.#entries[index] = undefined\n')
const unknownHandles = cut(
  'if (handle === undefined) throw',
  'if (handle === undefined) return { resource, rep: 42, own: true, scope: undefined, lends: 0 }\n    if (handle === undefined) throw',
)
const typedHandles = cut('if (handle.resource !== resource)', 'if (false as boolean)')
const localResources = cut(
  "if (canon.kind !== 'resource.drop' && !id.isLocal)",
  'if (false as boolean)',
)

// A guest that is stopped by an exception instead of a trap can catch it; one that is not stopped at all goes on.
const stoppedByTrap: readonly Edit[] = [
  {
    file: `${RUN}/func.ts`,
    search: `      store.failure ??= { error }
      return raiseTrap()`,
    replace: '      throw error',
  },
]
// V8 itself lets no guest catch what was a trap once, so that only a trap that nobody notices shows the difference.
const unnoticed = cut(
  `store.failure ??= { error }
      return raiseTrap()`,
  'return undefined as never',
)
const notThrownThrough = stoppedByTrap
const wokenToTrap: readonly Edit[] = [
  {
    file: `${RUN}/suspension.ts`,
    search: '0x10, 0, 0x23, 0, 0x04, 0x40, 0x00, 0x0b, 0x0b',
    replace: '0x10, 0, 0x0b',
  },
]
const askedWhetherAlive: readonly Edit[] = [
  { file: `${RUN}/store.ts`, search: 'if (this.failure !== undefined) raiseTrap()', replace: '' },
]
const wokenAtAll = cut('for (const wake of this.#waiting ?? []) wake()')
const busyIsRefused = cut('if (this.busy)', 'if (false as boolean)')
const hostFailures = cut(
  `throw withDeepStack(
      () => new HostFailure(\`The host function \${this.#name} failed\`, { cause: error }),
    )`,
  'throw error',
)
const nameOfStackOverflow = cut(
  "error.message === 'Maximum call stack size exceeded'",
  "error.message === ''",
)
const nameOfSuspendError = cut("error.name === 'SuspendError'", "error.name === ''")
const postReturn = cut('if (this.#postReturn !== undefined) {', 'if (false as boolean) {')

const cappedGrowth = cut(
  'const allowed = Math.min(min + share, ceiling)',
  'const allowed = ceiling',
)
const coreItems = cut('if (coreItems > limits.maxCoreItems)', 'if (false as boolean)')
const countedMinima = cut('if (left < 0) return undefined')
const charged = {
  utf8: {
    file: `${ABI}/strings.ts`,
    search: `  cx.charge(length)
  if (length <= SHORT_TEXT) {`,
    replace: '  if (length <= SHORT_TEXT) {',
  },
}
const compilerErrors = cut(
  'if (!(error instanceof WebAssembly.CompileError)) throw error',
  'throw error',
)
const words = cut('return LABEL.test(text)', 'return text !== LABEL.source')
const own = cut('if (key in Object.prototype) {', 'if (false as boolean) {')
const offered = cut('name in Object.prototype ? undefined :', 'name === "" ? undefined :')
const checkedCalls = cut('calls.needsCheck(event)', '(false as boolean)')
const cpuClock = cut('startTimer(leftMs(), onLimit)', 'startTimer(leftMs(), () => {})')

/** Where a defence belongs to one level: the others have another one. */
export const SHOWN_AT: Readonly<Record<string, Level>> = {
  'allocators/loops': 'worker',
  'calls/post-return-loops': 'worker',
  'calls/start-loops': 'worker',
  'interruption/branches-by-table': 'thread',
  'interruption/bulk': 'thread',
  'interruption/doubling': 'thread',
  'interruption/recursion': 'thread',
  'interruption/returning': 'thread',
  'interruption/swallowed': 'thread',
  'interruption/tail-calls': 'thread',
  'interruption/tail-calls-by-reference': 'thread',
  'interruption/tail-calls-through-a-table': 'thread',
  'stopping/cancelled-by-its-caller': 'worker',
  'stopping/endless-loop': 'worker',
  'stopping/time-is-up-in-a-host-call': 'worker',
}

/** Without what each attack works, by the place of the attack in the corpus. */
export const WITHOUT: Readonly<Record<string, readonly Edit[]>> = {
  'allocators/calls-out': closedDuringRealloc,
  'allocators/grows': renewedViews,
  'allocators/latin1-out-of-bounds': reallocBounds('false as boolean'),
  'allocators/loops': cpuClock,
  'allocators/makes-handles': cut('if (leaves && !frame.mayLeave)', 'if (false as boolean)'),
  'allocators/moves': cut(
    'cx.bytes.set(rest, moved + first.written)',
    'cx.bytes.set(rest, pointer + first.written)',
  ),
  'allocators/moves-out-of-bounds': reallocBounds('false as boolean'),
  'allocators/out-of-bounds': reallocBounds('false as boolean'),
  'allocators/overlaps': cut(
    'store(cx, value[i], pointer + i * size)',
    'store(cx, value[i], pointer + i * size * 64)',
  ),
  'allocators/suspends': nameOfSuspendError,
  'allocators/throws': notThrownThrough,
  'allocators/traps': unnoticed,
  'allocators/unaligned': cut(
    `if (pointer % align !== 0)
      throw abiTrap(\`realloc`,
    `if (false as boolean)
      throw abiTrap(\`realloc`,
  ),
  'allocators/utf16-out-of-bounds': reallocBounds('false as boolean'),
  'allocators/wraps': reallocBounds('((pointer + size) | 0) > this.bytes.length'),
  'binaries/core-data-beyond-memory': cut(
    "if (/^data segment \\d+ is out of bounds/.test(known)) return 'memory-out-of-bounds'",
  ),
  'binaries/core-data-of-4-gib': compilerErrors,
  'binaries/core-element-beyond-table': cut(
    "['table index is out of bounds', 'table-out-of-bounds'],\n  ['element segment out of bounds', 'table-out-of-bounds'],",
  ),
  'binaries/core-fifty-thousand-locals': compilerErrors,
  'binaries/core-function-immediate': compilerErrors,
  'binaries/core-global-immediate': compilerErrors,
  'binaries/core-memory-immediate': compilerErrors,
  'binaries/core-sections-out-of-order': cut(
    "if (place <= rank) reader.fail('section of a core module out of order', header)",
  ),
  'binaries/core-two-memory-sections': cut(
    "if (place <= rank) reader.fail('section of a core module out of order', header)",
  ),
  'binaries/core-two-table-sections': cut(
    "if (place <= rank) reader.fail('section of a core module out of order', header)",
  ),
  'binaries/core-type-confusion': compilerErrors,
  'binaries/core-unknown-section': cut(
    "if (place < 0) reader.fail('unknown section of a core module', header)",
    'if (place < 0) continue',
  ),
  'binaries/cut-off': cut(
    "if (this.at >= this.end) throw malformed(this.at, 'unexpected end')",
    'if (this.at >= this.end) return 0',
  ),
  'binaries/gc-types': cut("if (form === 0x5f || form === 0x5e) return reader.refuse('gc', start)"),
  'binaries/imported-module': cut(
    "this.#needs.push({ feature: 'imported modules and components', offset })",
  ),
  'binaries/left-over': cut(
    "if (!section.done) throw malformed(section.at, 'a section has bytes left over')",
  ),
  'binaries/lift-of-another-signature': cut(
    'if (core.params.join() !== wanted.params.join())',
    'if (false as boolean)',
  ),
  'binaries/long-number': cut(
    `for (let i = 0; i < 5; i++) {
      const byte = this.byte()
      if (i === 4 && byte > 0x0f) throw malformed(start, 'a number does not fit 32 bits')`,
    `for (let i = 0; i < 10; i++) {
      const byte = this.byte()`,
  ),
  'binaries/memory64': cut("if (flags & 4) reader.refuse('memory64', start)"),
  'binaries/million-sections': cut(
    'const section = new Reader(reader.bytes, reader.at',
    'const section = new Reader(reader.bytes.slice(), reader.at',
  ),
  'binaries/missing-core-import': cut(
    `const item = from.get(wanted.name)
      if (item === undefined) {`,
    `const item = from.get(wanted.name)
      if (item === undefined) continue
      if (item === undefined) {`,
  ),
  'binaries/name-not-utf8': cut(
    "new TextDecoder('utf-8', { fatal: true",
    "new TextDecoder('utf-8', { fatal: false",
  ),
  'binaries/no-realloc': cut(
    "if (options.realloc === undefined) throw invalid(offset, 'canonical option realloc is required')",
  ),
  'binaries/outer-alias-too-far': cut(
    'if (scope === undefined) throw invalid(offset, `invalid outer',
    'if (scope === undefined) return this\n    if (scope === undefined) throw invalid(offset, `invalid outer',
  ),
  'binaries/page-size-of-one': cut("if (flags & 8) reader.refuse('custom-page-sizes', start)"),
  'binaries/realloc-of-another-signature': cut(
    "if (!hasSignature(realloc, ['i32', 'i32', 'i32', 'i32'], ['i32'])) {",
    'if (false as boolean) {',
  ),
  'binaries/section-past-the-end': cut(
    "if (size > reader.end - reader.at) throw malformed(start, 'a section runs past the end')",
  ),
  'binaries/shared-memory': cut(
    "this.#needs.push({ feature: 'threads', offset: info.sharedAt })",
    'undefined',
  ),
  'binaries/start-of-a-component': cut(
    "return reader.refuse('start functions', start)",
    'reader.at = reader.end\n        return',
  ),
  'binaries/thread-spawn': cut('this.#needs.push({ feature, offset })'),
  'binaries/unknown-section': cut(
    "throw malformed(start, 'unknown section')",
    'reader.at = reader.end',
  ),
  'binaries/vector-of-four-billion': [
    {
      search: `const count = reader.u32()
      if (count > reader.end - reader.at) throw malformed(at, 'a vector is longer than its section')`,
      replace: 'const count = reader.u32()',
    },
    {
      file: 'packages/component/src/binary/reader.ts',
      search: "if (this.at >= this.end) throw malformed(this.at, 'unexpected end')",
      replace: 'if (this.at >= this.end) return 0x7d',
    },
  ],
  'binaries/wide-number': cut(
    `if (i === 4 && byte > 0x0f) throw malformed(start, 'a number does not fit 32 bits')
      value += (byte & 0x7f) * 2 ** (7 * i)`,
    'value |= (byte & 0x7f) << (7 * i)',
  ),
  'calls/dead-called-again': cut(
    'if (death !== undefined) {\n      throw new EngineError',
    'if (death !== undefined && this.busy) {\n      throw new EngineError',
  ),
  'calls/disposed-object': cut(
    "if (!state.live) throw wrongValue('a resource that is still owned', value)",
  ),
  'calls/embedder-reenters': busyIsRefused,
  'calls/foreign-object': cut(
    'state === undefined || state.resource !== resource',
    'state === undefined',
  ),
  'calls/memory-grown-before': renewedViews,
  'calls/memory-grown-in-call': renewedViews,
  'calls/post-return-calls-out': cut(
    `frame.mayLeave = false
      if (raw`,
    `frame.mayLeave = true
      if (raw`,
  ),
  'calls/post-return-loops': cpuClock,
  'calls/post-return-suspends': nameOfSuspendError,
  'calls/post-return-traps': postReturn,
  'calls/reentered-while-asleep': busyIsRefused,
  'calls/reentered-with-borrows': cut(
    `const deliver = (value: unknown): FlatValue | undefined => {
        store.carried -= charged
        if (borrows !== undefined) closeBorrows(borrows)`,
    `const deliver = (value: unknown): FlatValue | undefined => {
        store.carried -= charged
        if (cx.borrows !== undefined) closeBorrows(cx.borrows)`,
  ),
  'calls/start-loops': cpuClock,
  'calls/start-suspends': nameOfSuspendError,
  'calls/start-traps': cut('throw store.fail(error)', 'throw error'),
  'exhaustion/exploding-instance-types': [
    { search: 'if (nodes > MAX_EXTERN_NODES)', replace: 'if (false as boolean)' },
    { search: 'if (this.#steps > this.#maxSteps)', replace: 'if (false as boolean)' },
  ],
  'exhaustion/exploding-types': cut(
    'if (nodes > budget.limits.maxTypeNodes)',
    'if (false as boolean)',
  ),
  'exhaustion/exports': [
    {
      search: 'if (++this.#definitions > this.limits.maxDefinitions)',
      replace: 'if (false as boolean)',
    },
    {
      file: `${RUN}/rehearse.ts`,
      search: 'if (definitions > limits.maxDefinitions)',
      replace: 'if (false as boolean)',
    },
  ],
  'exhaustion/globals': cut('if (globals > limits.maxGlobals)', 'if (false as boolean)'),
  'exhaustion/instances': [
    { search: 'if (++instances > limits.maxInstances)', replace: 'if (false as boolean)' },
    { search: 'if (definitions > limits.maxDefinitions)', replace: 'if (false as boolean)' },
  ],
  'exhaustion/instances-of-large-components': cut(
    'if (definitions > limits.maxDefinitions)',
    'if (false as boolean)',
  ),
  'exhaustion/list-of-bytes': [
    {
      search: `  cx.charge(length)
  return cx.bytes.slice`,
      replace: '  return cx.bytes.slice',
    },
    {
      file: `${ABI}/lower.ts`,
      search: `  cx.charge(length)
  const pointer = cx.alloc(1, length)
  cx.bytes.set`,
      replace: `  const pointer = cx.alloc(1, length)
  cx.bytes.set`,
    },
  ],
  'exhaustion/list-of-flags': cut(
    'return Math.max(element.layout.size, this.#costs.element(element))',
    'return element.layout.size',
  ),
  'exhaustion/long-string': [
    charged.utf8,
    {
      search: `  cx.charge(length)
  const pointer = cx.alloc(1, length)
  if`,
      replace: `  const pointer = cx.alloc(1, length)
  if`,
    },
  ],
  'exhaustion/memories': cut('share = Math.floor(left / (wants.length - index))', 'share = left'),
  'exhaustion/memories-of-many-instances': cut(
    'memories.push(...(info?.memories ?? []))',
    'if (instances < 3) memories.push(...(info?.memories ?? []))',
  ),
  'exhaustion/memory-growth': cappedGrowth,
  'exhaustion/memory-of-4-gib': countedMinima,
  'exhaustion/modules': cut('if (this.#modules.length >= maximum)', 'if (false as boolean)'),
  'exhaustion/nested-components': cut('if (depth > limits.maxNesting)', 'if (false as boolean)'),
  'exhaustion/nested-types': cut(
    'if (depth >= budget.limits.maxTypeDepth)',
    'if (false as boolean)',
  ),
  'exhaustion/one-string-many-times': [charged.utf8],
  'exhaustion/stack-across-components': unnoticed,
  'exhaustion/stack-of-the-guest': nameOfStackOverflow,
  'exhaustion/stack-swallowed': nameOfStackOverflow,
  'exhaustion/stack-while-suspending': nameOfStackOverflow,
  'exhaustion/table-growth': cappedGrowth,
  'exhaustion/tables': countedMinima,
  'exhaustion/value-of-256-mib': cut('if (wide.size >= MAX_VALUE_BYTES)', 'if (false as boolean)'),
  'handles/borrow-after-return': goneFromTable,
  'handles/borrow-dropped-twice': goneFromTable,
  'handles/borrow-given-away': cut(
    "if (!handle.own) throw abiTrap('cannot lift own resource from a borrow')",
  ),
  'handles/borrow-kept': cut('if (scope.held > 0)', 'if (false as boolean)'),
  'handles/destructor-drops-itself': goneFromTable,
  'handles/destructor-traps': unnoticed,
  'handles/double-drop': goneFromTable,
  'handles/flood': cut('if (store.handles >= maximum)', 'if (false as boolean)'),
  'handles/forged': unknownHandles,
  'handles/lent-and-given': cut(
    "if (handle.lends > 0) throw abiTrap('cannot remove owned resource while borrowed')",
  ),
  'handles/negative': unknownHandles,
  'handles/new-of-a-stranger': localResources,
  'handles/rep-of-a-stranger': localResources,
  'handles/twice-in-one-call': goneFromTable,
  'handles/use-after-drop': goneFromTable,
  'handles/use-after-move': goneFromTable,
  'handles/wrong-type': typedHandles,
  'handles/wrong-type-drop': typedHandles,
  'handles/zero': unknownHandles,
  'names/bidi-export': words,
  'names/colliding-exports': cut('if (before !== undefined) {', 'if (false as boolean) {'),
  'names/core-proto': cut(
    'const exports = Object.create(null) as WebAssembly.Exports',
    'const exports = Object.prototype as WebAssembly.Exports',
  ),
  'names/export-then': cut(
    '  readonly exports: Exports\n',
    '  readonly exports: Exports\n  get then(): unknown {\n    return (this.exports as ComponentExports)["then"]\n  }\n',
  ),
  'names/field-left-out': own,
  'names/flag-left-out': own,
  'names/import-inherited': offered,
  'names/import-interface-inherited': offered,
  'names/inherited-fields': cut(
    'record[keys[i] as string] = values[i]',
    'if (!((keys[i] as string) in record)) record[keys[i] as string] = values[i]',
  ),
  'names/method-then': cut("  'then',\n"),
  'names/proto-field': words,
  'names/setting-inherited': cut(
    'call().message.config.find(([name]) => name === key)?.[1]',
    'String((Object.fromEntries(call().message.config) as Record<string, unknown>)[key])',
  ),
  'output/deep': [
    {
      search: 'if (depthOf(value, MAX_VALUE_DEPTH + 1) > MAX_VALUE_DEPTH)',
      replace: 'if (false as boolean)',
    },
    {
      file: 'packages/host/src/invocation/invoke.ts',
      search: '    canonicalJson(value)\n',
      replace: '',
    },
  ],
  'output/failure-text': cut('message: cleanText(message, MAX_MESSAGE)', 'message'),
  'output/log-flood': cut('if (written >= logLines) {', 'if (false as boolean) {'),
  'output/log-line': cut('message: cleanText(text, maxBytes)', 'message: text'),
  'output/lone-surrogate': cut('    canonicalJson(value)\n'),
  'output/not-json': cut('value = JSON.parse(answer.output) as JsonValue', 'value = answer.output'),
  'output/progress-flood': cut('if (passed >= FREE_PROGRESS && now - last < gapMs) return false'),
  'output/proto': cut(
    'value = JSON.parse(answer.output) as JsonValue',
    'value = Object.assign({}, JSON.parse(answer.output)) as JsonValue',
  ),
  'output/random-flood': cut(
    'if (count > MAX_RANDOM_BYTES)',
    'if (count > MAX_RANDOM_BYTES) return new Uint8Array(1)\n        if (count > MAX_RANDOM_BYTES)',
  ),
  'output/too-long': cut(
    'if (output.length > message.outputBytes)',
    'if (false as boolean)',
  ).concat([
    {
      file: 'packages/host/src/invocation/invoke.ts',
      search: 'if (characters * 3 > outputBytes && encodeUtf8(answer.output).length > outputBytes)',
      replace: 'if (false as boolean)',
    },
  ]),
  'pointers/answer-area-out-of-bounds': returnedArea(''),
  'pointers/answer-out-of-bounds': utf8Bounds,
  'pointers/bytes-in-result': bytesBounds,
  'pointers/bytes-out-of-bounds': bytesBounds,
  'pointers/latin1-out-of-bounds': latin1Bounds(`  cx.charge(length)
  const parts`),
  'pointers/latin1-unaligned': latin1Bounds(`  cx.check(pointer, length, 1)
  cx.charge(length)
  const parts`),
  'pointers/list-length-wraps': listBounds('        cx.check(pointer, (length * size) | 0, align)'),
  'pointers/list-out-of-bounds': listBounds('        cx.charge(length * cost)'),
  'pointers/list-unaligned': cut(
    'if (pointer % align !== 0) throw abiTrap(`pointer',
    'if (false as boolean) throw abiTrap(`pointer',
  ),
  'pointers/result-area-out-of-bounds': resultArea(''),
  'pointers/result-area-unaligned': resultArea('cx.check(pointer, layout.size, 1)'),
  'pointers/returned-out-of-bounds': returnedArea(''),
  'pointers/returned-unaligned': returnedArea('cx.check(pointer, layout.size, 1)'),
  'pointers/spilled-out-of-bounds': spilledArea(''),
  'pointers/spilled-unaligned': spilledArea('cx.check(pointer, size, 1)'),
  'pointers/string-empty-beyond': utf8Bounds,
  'pointers/string-in-list': utf8Bounds,
  'pointers/string-in-option': utf8Bounds,
  'pointers/string-out-of-bounds': utf8Bounds,
  'pointers/string-wraps': cut(
    `if (pointer + size > this.bytes.length)
      throw abiTrap(\`string`,
    `if (((pointer + size) | 0) > this.bytes.length)
      throw abiTrap(\`string`,
  ),
  'pointers/utf16-out-of-bounds': utf16Bounds('  const length = units * 2'),
  'pointers/utf16-unaligned': utf16Bounds(`  const length = units * 2
  cx.check(pointer, length, 1)`),
  'stopping/cancelled-by-its-caller': cut(
    "call.signal.addEventListener('abort', onAbort, { once: true })",
  ),
  'stopping/cancelled-in-host-call': [
    { search: '        if (store.failure !== undefined) throw store.death\n', replace: '' },
    ...askedWhetherAlive,
  ],
  'stopping/cancelled-while-asleep': [...wokenToTrap, ...askedWhetherAlive],
  'stopping/crashes-again-and-again': cut('noteCrash(loaded, clock)', 'void clock'),
  'stopping/endless-loop': cpuClock,
  'stopping/endless-loop-that-sleeps': cut(
    'if (++invocation.counts.hostCalls > invocation.limits.hostCalls) {',
    'if (false as boolean) {',
  ),
  'stopping/exception-crosses': notThrownThrough,
  'stopping/getter-throws': cut(
    "return trapped('unknown', 'an unexpected failure', thrown)",
    "return trapped('unknown', message, thrown)",
  ),
  'stopping/host-throws': stoppedByTrap,
  'stopping/host-throws-message': cut(
    "trapped('host-error', 'a host function failed',",
    "trapped('host-error', String(error.cause),",
  ),
  'stopping/host-throws-wasm': hostFailures,
  'stopping/limit-swallowed': stoppedByTrap,
  'stopping/neighbour-of-a-runaway': cut(
    'if (slot.busy || slot.workspace !== workspace) continue',
    'if (slot.workspace !== workspace) continue',
  ),
  'stopping/promise-never-settled': wokenAtAll,
  'stopping/promise-rejected': [...wokenToTrap, ...askedWhetherAlive],
  'stopping/promise-settled-late': [...wokenToTrap, ...askedWhetherAlive],
  'stopping/promise-undeclared': cut(
    'value.then(undefined, () => undefined)',
    'void value.then(undefined)',
  ),
  'stopping/refusals-swallowed': [
    {
      file: 'packages/host/src/capabilities/record.ts',
      search: 'if (++invocation.counts.refusals >= MAX_REFUSALS) {',
      replace: 'if (false as boolean) {',
    },
  ],
  'stopping/time-is-up-in-a-host-call': cut(
    '() => fail(wallTimeLimit(limits.wallMs)),',
    '() => {},',
  ),
  'stopping/trap-swallowed': unnoticed,
  'stopping/thousands-of-aborts': wokenAtAll,
  'stopping/unwinds-through-host': hostFailures,
  'stopping/wrong-value': cut(
    "if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {",
    'if (typeof value !== "number") {',
  ),
  'strings/exactly-at-the-end': reallocBounds('pointer + size >= this.bytes.length'),
  'strings/one-past-the-end': reallocBounds('pointer > this.bytes.length'),
  'strings/tag-alone': utf16Bounds(`  const length = (units * 2) | 0
  cx.check(pointer, length, 2)`),
  'strings/tag-lies': utf16Bounds('  const length = units * 2'),
  'strings/tagged-surrogate': strictUtf16,
  'strings/utf16-length-wraps': utf16Bounds(`  const length = (units * 2) >>> 0
  cx.check(pointer, length, 2)`),
  'strings/utf16-lone-high': strictUtf16,
  'strings/utf16-lone-low': strictUtf16,
  'strings/utf8-beyond-unicode': strictUtf8,
  'strings/utf8-cut-off': strictUtf8,
  'strings/utf8-long-and-wrong': strictUtf8,
  'strings/utf8-overlong': strictUtf8,
  'strings/utf8-surrogate': strictUtf8,
  'values/answer-neither': memoryCase,
  'values/bool-not-one': cut(
    'lift: (_, flat, at) => flat[at] !== 0',
    'lift: (_, flat, at) => flat[at] === 1',
  ),
  'values/case-flat': flatCase,
  'values/case-in-memory': memoryCase,
  'values/char-beyond-unicode': cut('if (code >= 0x11_0000 ||', 'if ('),
  'values/char-surrogate': cut(
    'if (code >= 0x11_0000 || (code >= 0xd800 && code <= 0xdfff))',
    'if (code >= 0x11_0000)',
  ),
  'values/enum-case': cut('names[index] ?? invalidCase(index)', 'names[index] ?? String(names[0])'),
  'values/flags-beyond': cut('((bits >>> i) & 1) === 1', '(bits >>> i) !== 0'),
  'values/huge-flattened': cut('const MAX_FLAT = 16', 'const MAX_FLAT = 17'),
  'values/variant-negative-case': flatCase,
  'values/wide-integers': cut(
    'lift: (_, flat, at) => (flat[at] as number) & 0xff }',
    'lift: (_, flat, at) => flat[at] }',
  ),
  'exhaustion/exports-of-many-instances': coreItems,
  'exhaustion/functions-of-many-instances': coreItems,
  'exhaustion/elements-of-many-instances': cut('        segments += size\n'),
  'exhaustion/items-of-many-instances': cut(
    'for (const step of current.steps) definitions += namesIn(step)',
  ),
  'exhaustion/long-name-many-times': cut('1 + wanted.module.length + wanted.name.length', '1'),
  'exhaustion/wasi-headers': cut('if (!this.#budget.tryTake(held - this.#held)) return false'),
  'exhaustion/wasi-files-behind-streams': cut('this.#tree.retain(file)'),
  'exhaustion/wasi-path-of-slashes': cut(
    'if (path.length > MAX_GIVEN_PATH)',
    'if (false as boolean)',
  ),
  'exhaustion/wasi-write-of-newlines': cut(
    'if (bytes.length > CHUNK_BYTES)',
    'if (false as boolean)',
  ),
  'exhaustion/wasi-poll-of-one-many-times': cut('[...new Set(list)]', 'list'),
  'names/error-text': [
    { search: 'cleanLine(message, 2 * MAX_MESSAGE)', replace: 'message' },
    { search: 'return cleanLine(message, MAX_MESSAGE)', replace: 'return message' },
  ],
  'names/backtrace': cut('return cleanLine(name, MAX_NAME)', 'return name'),
  'calls/memory-grown-on-waking': renewedViews,
  'calls/state-of-the-call-before': [
    {
      search: 'running = takePrepared(message.digest) ?? (await instantiate(message.digest))',
      replace: `const kept: Map<string, any> = ((globalThis as any).kept ??= new Map())
      if (!kept.has(message.digest)) kept.set(message.digest, await instantiate(message.digest))
      running = kept.get(message.digest)`,
    },
    { search: "if (answer.kind !== 'failed') over?.instance.retire()", replace: '' },
  ],
  'interruption/doubling': checkedCalls,
  'interruption/recursion': checkedCalls,
  'interruption/tail-calls': checkedCalls,
  'interruption/tail-calls-through-a-table': checkedCalls,
  'interruption/tail-calls-by-reference': checkedCalls,
  'interruption/bulk': cut('put(at, pieces.callFor(at, after), false, after - at)', 'void after'),
  'interruption/swallowed': cut(
    'const TRAP_IF = [...IF_VOID, UNREACHABLE, END]',
    'const TRAP_IF = [...IF_VOID, 0x01, END]',
  ),
  'interruption/returning': cut('if (since > maxUnchecked) put(at, checks.check(all))'),
  'interruption/branches-by-table': cut(
    'put(leavesToV8 && pass <= FREE_WORK ? inFront : at, checks.check(pass))',
    'void [leavesToV8, pass, inFront]',
  ),
  'interruption/its-namespace': cut(
    'if (info.imports.some(({ module }) => module === REWRITER_NAMESPACE))',
    'if (false as boolean)',
  ),
  'interruption/its-index': cut(
    'const valid = WebAssembly.validate(original)',
    'const valid = true',
  ),
}
