export { toBase64, tryFromBase64 } from './bytes/base64.ts'
export { concatBytes } from './bytes/concat.ts'
export { equalBytes } from './bytes/equal.ts'
export { toHex, tryFromHex } from './bytes/hex.ts'
export { encodeUtf8, tryDecodeUtf8 } from './bytes/utf8.ts'
export { type Digest, digestFromHash, digestOf, shortDigest, tryParseDigest } from './digest.ts'
export {
  isPlatformError,
  PlatformError,
  type PlatformErrorOptions,
} from './errors/platform-error.ts'
export { ERROR_TABLE, type ErrorCode, type ErrorRow } from './errors/table.generated.ts'
export { createId, type Id, ID_PREFIXES, type IdKind, tryParseId } from './ids.ts'
export { canonicalJson, MAX_JSON_DEPTH } from './json/canonical.ts'
export type { JsonArray, JsonObject, JsonValue } from './json/json-value.ts'
export { type StrictJsonOptions, tryParseStrictJson } from './json/strict-json.ts'
export { cleanLine, cleanText, isCleanText } from './text/clean.ts'
export { type Clock, systemClock } from './time/clock.ts'
export {
  COMPONENT_PREAMBLE,
  readSections,
  readU32,
  wasmLayer,
  type WasmLayer,
  type WasmSection,
  WasmSectionError,
  writeU32,
} from './wasm/sections.ts'
