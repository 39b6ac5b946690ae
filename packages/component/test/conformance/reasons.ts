import { EngineError } from '@morphee/component'

/**
 * What the suite's words for a rejection are called here, where they are not the same.
 *
 * The suite's text is a part of the reference implementation's message. Whoever rejects a component for another reason than the test
 * means has not passed it, so each text has to be found in our message or to have a row; a text that has neither is a failure.
 */
const REASONS: readonly (readonly [text: RegExp, ours: RegExp])[] = [
  // Malformed: the reference names the byte it did not expect, and where it stood.
  [/^$/, /^the preamble must be/],
  [/version header for a component|unknown binary version/, /^the preamble must be/],
  [/version header for a module/, /^a core module must begin with/],
  [/unexpected end-of-file/, /unexpected end|runs past the end|vector is longer than its section/],
  // An id is a number of its own kind in the reference; here it is a byte, and the next is missing.
  [/malformed section id/, /^unknown section|^unexpected end/],
  [/section out of order/, /section of a core module out of order/],
  [/integer too large/, /does not fit 32 bits/],
  [/malformed utf-8 encoding/, /a name is not utf-8/],
  [/non-zero reserved byte|invalid boolean value/, /a zero byte is required here/],
  [/leading byte \(0x1\) for zero byte required/, /a zero byte must end a case/],
  // The suite is older than `stream.forward`, whose operand is what this test lacks.
  [/leading byte \(0x2e\) for canonical function/, /unexpected end/],
  [/leading byte .* for canonical function lift/, /only functions can be lifted/],
  [/leading byte .* for canonical function lower/, /only functions can be lowered/],
  [/leading byte .* for canonical function$/, /unknown canonical function/],
  [/leading byte .* for canonical option/, /unknown canonical option/],
  [/leading byte \(0x0\) for component external kind/, /only core modules can be imported/],
  [/leading byte .* for component external kind/, /unknown (kind of import or export|sort)/],
  [/for instantiation arg kind/, /core modules are instantiated with instances only/],
  [/for outer alias (kind|target)/, /only outer types can be aliased here/],
  [
    /for component outer alias kind/,
    /unknown (core )?sort|only types, modules and components of outer scopes/,
  ],
  [/for (number of results|component function results)/, /unknown form of results/],
  [/for core instance/, /unknown core instance/],
  [/for instance$/, /unknown instance/],
  [/for optional component export type/, /an export has a type \(1\) or none \(0\)/],
  [/for type bound/, /unknown type bound/],
  [/for alias/, /unknown kind of alias/],
  [/for component name/, /unknown form of name/],
  [/for name option/, /unknown attribute of a name/],
  [/\(0x3\) for component or instance type declaration/, /an instance type has no imports/],
  [/for component or instance type declaration/, /unknown declaration in a type/],
  [/for component defined type/, /unknown type/],
  [/for type definition/, /unknown declaration in a module type/],
  [/^invalid leading byte$/, /unknown core type/],
  [/duplicate implements option in name/, /an attribute of a name is given twice/],
  // Names: one grammar here, a parser that says where it stopped there.
  [
    /is not in kebab case|not a valid extern name|failed to find \. character|empty (identifier segment|string)|after package name|trailing characters found|unexpected (character|end of input)/,
    /is not a valid (import|export) name|is not in kebab case/,
  ],
  [/^not in kebab case/, /is not a valid import name/],
  [/cannot be empty/, /name {2}is not in kebab case/],
  [/enum tag name never is not/, /enum case name never is not in kebab case/],
  [
    /(parameter|field|case|tag|flag) name \S+ conflicts with previous/,
    /(parameter|field|case|flag) name \S+ conflicts with a previous name/,
  ],
  [/import name foob-ar conflicts/, /import name foob-ar conflicts with previous name foo-bar/],
  [/must have at least one/, /must have at least one part/],
  // Indices and sorts.
  [/index out of bounds|unknown (module|component)/, /index \d+ is out of bounds/],
  [/is not a module$/, /is not a core module/],
  [/invalid outer alias count of (\d)/, /invalid outer alias count \d/],
  [/duplicate import name/, /duplicate import name|a core module imports a name twice/],
  [/name {2}already defined/, /export name {2}already defined/],
  // Types that are not as they should be.
  [/expected defined type, found resource/, /expected value type, found resource type/],
  [/expected resource, found defined type/, /expected resource type, found value type/],
  [/expected primitive u32 found primitive string/, /expected u32, found string/],
  [/expected primitive, found record/, /expected \w+, found record/],
  [/expected: \(func\)/, /expected func type \[\] -> \[\]/],
  [/type mismatch with result type/, /type mismatch in result:/],
  [/type mismatch in (ok|err) variant/, /type mismatch in (ok|err) type:/],
  // The reference has the two sides of a function's result the other way round.
  [/expected a result, found none/, /expected result to not be present/],
  [/expected (ok|err) type, but found none/, /expected (ok|err) type, found none/],
  [/^type mismatch$/, /not enough arguments on the stack/],
  [/only instances can have an implements/, /only instances can have an implements attribute/],
  [/stream<char> is not valid/, /a stream of char is not valid/],
  [/exceeds maximum byte size/, /exceeds the maximum byte size/],
  [/latin1-utf16/, /canonical encoding option \S+ conflicts with option latin1\+utf16/],
  [/function result cannot contain a borrow/, /function result cannot contain a borrow/],
  [
    /function should return \(own \$t\)|should return \(own \$t\)/,
    /function should return \(own \$t\) or \(result \(own \$t\)\)/,
  ],
  [
    /resource used in function does not have a name/,
    /the resource used in the function does not have a name in this context/,
  ],
  [/does not match expected resource name/, /does not match the expected resource name/],
]

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[`"']/g, '')
}

/** Whether `error` rejects a component for the reason that the suite's `type` of assertion and `text` mean, or what is wrong with it. */
export function wrongReason(type: string, text: string, error: unknown): string | undefined {
  if (!(error instanceof EngineError)) return `no coded error: ${String(error)}`
  const code = type === 'assert_malformed' ? 'ERR_COMPONENT_MALFORMED' : 'ERR_COMPONENT_INVALID'
  if (error.code !== code) return `${error.code} instead of ${code}: ${error.message}`
  const message = plain(error.message)
    .replace(/^cannot (?:read|validate|load|compile)[^:]*: /, '')
    .replace(/ \(byte \d+\)$/, '')
  const wanted = plain(text)
  if (wanted !== '' && message.includes(wanted)) return undefined
  const row = REASONS.find(([suite]) => suite.test(wanted))
  if (row === undefined) return `no reason is known for it; ours is: ${message}`
  return row[1].test(message) ? undefined : `another reason: ${message}`
}
