/** Anything JSON can say. */
export type JsonValue = null | boolean | number | string | JsonArray | JsonObject
/** A JSON array. */
export type JsonArray = readonly JsonValue[]
/** A JSON object. Read members with `Object.hasOwn` where names come from strangers: `__proto__` is an ordinary name in JSON. */
export interface JsonObject {
  readonly [name: string]: JsonValue
}
