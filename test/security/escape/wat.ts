// Text of guests. Two components are put side by side, so that every lift and lower happens between strangers.

/** A `realloc` that only moves forward, and grows its memory when it must. */
export const REALLOC = `
  (global $top (mut i32) (i32.const 4096))
  (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1))) (i32.sub (i32.const 0) (local.get $align))))
    (global.set $top (i32.add (local.get $at) (local.get $new)))
    (block $fits
      (br_if $fits (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
      (drop (memory.grow (i32.add (i32.const 1) (i32.div_u (local.get $new) (i32.const 65536))))))
    (memory.copy (local.get $at) (local.get $old) (local.get $size))
    (local.get $at))`

/** How a value crosses from an attacker to a component that takes it. */
export interface Crossing {
  /** Type of the one parameter, as text; `$t` is the type that `named` defines. */
  readonly type: string
  /** A record, variant, enum or flags, which must have a name to cross. */
  readonly named?: string
  /** Core types of the parameter. */
  readonly flat: string
  /** What the attacker does; `$take` sends the value. */
  readonly attacker: string
  /** Fields of the attacker's module beside: data, functions. */
  readonly fields?: string
  readonly pages?: number
  readonly encoding?: Encoding
  /** What the taker does with its parameters. It traps when it got what it must not get. */
  readonly taker?: string
  readonly takerEncoding?: Encoding
  /** The taker's `realloc` and what it needs, when that is the attacker. */
  readonly takerRealloc?: string
  readonly takerPages?: number | string
  /** What is defined before the taker, what the taker defines and its module gets: `(with "" …)`. */
  readonly before?: string
  readonly takerArgs?: string
  readonly takerBefore?: string
  readonly takerImports?: string
  readonly takerSupply?: string
}
export type Encoding = 'utf8' | 'utf16' | 'latin1+utf16'

/** Body of a component in which an attacker hands a value to another component. */
export function crossing({
  type,
  named,
  flat,
  attacker,
  fields = '',
  pages = 1,
  encoding = 'utf8',
  taker = '',
  takerEncoding = encoding,
  takerRealloc = REALLOC,
  takerPages = 1,
  before = '',
  takerArgs = '',
  takerBefore = '',
  takerImports = '',
  takerSupply = '',
}: Crossing): string {
  const [offered, wanted, given] =
    named === undefined
      ? ['', '', '']
      : [
          `(type $named ${named}) (export $t "t" (type $named))`,
          `(type $named ${named}) (import "t" (type $t (eq $named)))`,
          '(with "t" (type $taker "t"))',
        ]
  return `
  ${before}
  (component $taker
    ${offered}
    ${takerBefore}
    (core module $m ${takerImports} (memory (export "memory") ${takerPages}) ${takerRealloc}
      (func (export "take") (param ${flat}) ${taker}))
    (core instance $i (instantiate $m ${takerSupply}))
    (func (export "take") (param "v" ${type}) (canon lift (core func $i "take")
      (memory (core memory $i "memory")) (realloc (core func $i "realloc")) string-encoding=${takerEncoding})))
  (instance $taker (instantiate $taker ${takerArgs}))
  (component $attacker
    ${wanted}
    (import "take" (func $take (param "v" ${type})))
    (core module $memory (memory (export "memory") ${pages}))
    (core instance $memory (instantiate $memory))
    (core func $take (canon lower (func $take) (memory (core memory $memory "memory")) string-encoding=${encoding}))
    (core module $m
      (import "" "memory" (memory 1))
      (import "" "take" (func $take (param ${flat})))
      ${fields}
      (func (export "run") ${attacker}))
    (core instance $m (instantiate $m (with "" (instance
      (export "memory" (memory $memory "memory")) (export "take" (func $take))))))
    (func (export "run") (canon lift (core func $m "run"))))
  (instance $attacker (instantiate $attacker ${given} (with "take" (func $taker "take"))))
  (export "run" (func $attacker "run"))`
}

/** How a value crosses from a component that gives it to one that asks for it, when either is the attacker. */
export interface Receiving {
  /** Type of the result, as text. Its value crosses through memory. */
  readonly type: string
  /** What the giver does, and the pointer that it leaves. */
  readonly give: string
  readonly giverFields?: string
  readonly giverPages?: number
  readonly postReturn?: string
  readonly encoding?: Encoding
  /** What the asker does; `$give` takes where the result goes. */
  readonly ask: string
  readonly askerMemory?: string
}

/** Body of a component in which one component asks another for a value. */
export function receiving({
  type,
  give,
  giverFields = '',
  giverPages = 1,
  postReturn,
  encoding = 'utf8',
  ask,
  askerMemory = `(memory (export "memory") 1) ${REALLOC}`,
}: Receiving): string {
  const [post, option] =
    postReturn === undefined
      ? ['', '']
      : [`(func (export "post") (param i32) ${postReturn})`, '(post-return (core func $i "post"))']
  return `
  (component $giver
    (core module $m (memory (export "memory") ${giverPages}) ${giverFields}
      (func (export "give") (result i32) ${give}) ${post})
    (core instance $i (instantiate $m))
    (func (export "give") (result ${type}) (canon lift (core func $i "give")
      (memory (core memory $i "memory")) string-encoding=${encoding} ${option})))
  (instance $giver (instantiate $giver))
  (component $asker
    (import "give" (func $give (result ${type})))
    (core module $memory ${askerMemory})
    (core instance $memory (instantiate $memory))
    (core func $give (canon lower (func $give)
      (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) string-encoding=${encoding}))
    (core module $m
      (import "" "memory" (memory 1))
      (import "" "give" (func $give (param i32)))
      (func (export "run") ${ask}))
    (core instance $m (instantiate $m (with "" (instance
      (export "memory" (memory $memory "memory")) (export "give" (func $give))))))
    (func (export "run") (canon lift (core func $m "run"))))
  (instance $asker (instantiate $asker (with "give" (func $giver "give"))))
  (export "run" (func $asker "run"))`
}

/**
 * Body of a component in which an attacker holds resources of another. Its core has `$make` and `$other` for a handle of either type,
 * `$use` (borrows), `$eat` (takes), `$two` (borrows one, takes one), `$both` (takes two), `$drop`.
 */
export function holding(attacker: string, { destructor = '', fields = '' } = {}): string {
  return `
  (component $owner
    (core module $d (func (export "end") (param i32) ${destructor}))
    (core instance $d (instantiate $d))
    (type $r' (resource (rep i32) (dtor (core func $d "end"))))
    (export $r "r" (type $r'))
    (type $o' (resource (rep i32)))
    (export $o "o" (type $o'))
    (core func $new (canon resource.new $r'))
    (core func $other (canon resource.new $o'))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "other" (func $other (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 42)))
      (func (export "other") (result i32) (call $other (i32.const 43)))
      (func (export "use") (param i32) (if (i32.ne (local.get 0) (i32.const 42)) (then unreachable)))
      (func (export "eat") (param i32))
      (func (export "two") (param i32 i32)))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "other" (func $other))))))
    (func (export "make") (result (own $r)) (canon lift (core func $i "make")))
    (func (export "other") (result (own $o)) (canon lift (core func $i "other")))
    (func (export "use") (param "r" (borrow $r)) (canon lift (core func $i "use")))
    (func (export "eat") (param "r" (own $r)) (canon lift (core func $i "eat")))
    (func (export "two") (param "a" (borrow $r)) (param "b" (own $r)) (canon lift (core func $i "two")))
    (func (export "both") (param "a" (own $r)) (param "b" (own $r)) (canon lift (core func $i "two"))))
  (instance $owner (instantiate $owner))
  (component $holder
    (import "owner" (instance $owner
      (export "r" (type $r (sub resource)))
      (export "o" (type $o (sub resource)))
      (export "make" (func (result (own $r))))
      (export "other" (func (result (own $o))))
      (export "use" (func (param "r" (borrow $r))))
      (export "eat" (func (param "r" (own $r))))
      (export "two" (func (param "a" (borrow $r)) (param "b" (own $r))))
      (export "both" (func (param "a" (own $r)) (param "b" (own $r))))))
    (alias export $owner "r" (type $r))
    (core func $make (canon lower (func $owner "make")))
    (core func $other (canon lower (func $owner "other")))
    (core func $use (canon lower (func $owner "use")))
    (core func $eat (canon lower (func $owner "eat")))
    (core func $two (canon lower (func $owner "two")))
    (core func $both (canon lower (func $owner "both")))
    (core func $drop (canon resource.drop $r))
    (core module $m
      (import "" "make" (func $make (result i32)))
      (import "" "other" (func $other (result i32)))
      (import "" "use" (func $use (param i32)))
      (import "" "eat" (func $eat (param i32)))
      (import "" "two" (func $two (param i32 i32)))
      (import "" "both" (func $both (param i32 i32)))
      (import "" "drop" (func $drop (param i32)))
      ${fields}
      (func (export "keep") (param i32))
      (func (export "run") (local $h i32) ${attacker}))
    (core instance $m (instantiate $m (with "" (instance
      (export "make" (func $make)) (export "other" (func $other)) (export "use" (func $use)) (export "eat" (func $eat))
      (export "two" (func $two)) (export "both" (func $both)) (export "drop" (func $drop))))))
    (func (export "run") (canon lift (core func $m "run"))))
  (instance $holder (instantiate $holder (with "owner" (instance $owner))))
  (export "run" (func $holder "run"))`
}

/** Body of a component whose `run` runs several others, one after the other. */
export function together(bodies: readonly string[]): string {
  const names = bodies.map((_, index) => `$run${index}`)
  return `
  ${bodies.map((body, index) => `(component $c${index} ${body}) (instance $i${index} (instantiate $c${index}))`).join('\n')}
  ${names.map((name, index) => `(core func ${name} (canon lower (func $i${index} "run")))`).join('\n')}
  (core module $all ${names.map((name) => `(import "" "${name}" (func ${name}))`).join(' ')}
    (func (export "run") ${names.map((name) => `(call ${name})`).join(' ')}))
  (core instance $all (instantiate $all (with "" (instance
    ${names.map((name) => `(export "${name}" (func ${name}))`).join(' ')}))))
  (func (export "run") (canon lift (core func $all "run")))`
}

/** Body of a component around one core module, whose `run` it exports. */
export function alone(core: string): string {
  return `
  (core module $m ${core})
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run")))`
}

/** As {@link alone}, with `$pause` imported, which suspends. */
export function pausing(core: string): string {
  return `
  (import "pause" (func $pause))
  (core func $pause (canon lower (func $pause)))
  (core module $m (import "" "pause" (func $pause)) ${core})
  (core instance $i (instantiate $m (with "" (instance (export "pause" (func $pause))))))
  (func (export "run") (canon lift (core func $i "run")))`
}

/** Little-endian words as a data string. */
export function words(...values: readonly number[]): string {
  return bytes(
    ...values.flatMap((value) =>
      [value, value >>> 8, value >>> 16, value >>> 24].map((b) => b & 0xff),
    ),
  )
}

/** Bytes as a data string. */
export function bytes(...values: readonly number[]): string {
  return values.map((value) => `\\${value.toString(16).padStart(2, '0')}`).join('')
}

const FAILURE = `(record (field "code" string) (field "message" string)
    (field "details" (option string)) (field "retry-after-ms" (option u32)))`

/** The parts of an extension that is written by hand. */
export interface ExtensionText {
  /** Imports and nested components. `$failure` is not known yet. */
  readonly before?: string
  /** Canonical definitions that need the memory of `$memory`. */
  readonly lowers?: string
  /** What the main module imports, and from where it comes: fields of the instance "". */
  readonly coreImports?: string
  readonly supply?: string
  /** Data and functions of the main module. */
  readonly fields?: string
  readonly pages?: number
  /** What `invoke` does, and the pointer that it leaves. The answer `{}` lies at 16. */
  readonly invoke?: string
  /** Canonical options beside memory and realloc. */
  readonly options?: string
}

/** The text of a whole extension, whose `invoke` does as it is told. */
export function extension({
  before = '',
  lowers = '',
  coreImports = '',
  supply = '',
  fields = '',
  pages = 2,
  invoke = '(i32.const 16)',
  options = '',
}: ExtensionText): string {
  return `(component
  ${before}
  (core module $memory (memory (export "memory") ${pages}) ${REALLOC.replace('4096', '32768')})
  (core instance $memory (instantiate $memory))
  ${lowers}
  (core module $main
    (import "" "memory" (memory 1))
    ${coreImports}
    (data (i32.const 16) "${words(0, 48, 2)}") (data (i32.const 48) "{}")
    ${fields}
    (func (export "invoke") (param i32 i32 i32 i32) (result i32) ${invoke})
    (func (export "post") (param i32)))
  (core instance $main (instantiate $main (with "" (instance
    (export "memory" (memory $memory "memory")) ${supply}))))
  (type $record ${FAILURE}) (export $answer-failure "failure" (type $record))
  (func $invoke (param "action" string) (param "input" string) (result (result string (error $answer-failure)))
    (canon lift (core func $main "invoke") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")) ${options}))
  (instance $actions (export "invoke" (func $invoke)))
  (export "morphee:extension/actions@0.9.0" (instance $actions)))`
}

/** An import of one interface of the contract, types and all. */
export const IMPORTS = {
  storage: `(import "morphee:extension/types@0.9.0" (instance $types (type $r ${FAILURE}) (export "failure" (type (eq $r)))))
  (alias export $types "failure" (type $failure))
  (import "morphee:extension/storage@0.9.0" (instance $storage
    (alias outer 1 $failure (type $f)) (export "failure" (type $e (eq $f)))
    (export "get" (func (param "key" string) (result (result (option (list u8)) (error $e)))))))`,
  log: `(import "morphee:extension/log@0.9.0" (instance $log
    (type $l (enum "debug" "info" "warn" "error")) (export "level" (type $level (eq $l)))
    (export "write" (func (param "level" $level) (param "message" string)))))`,
  progress: `(import "morphee:extension/invocation@0.9.0" (instance $invocation
    (export "progress" (func (param "fraction" (option f32)) (param "message" string)))))`,
  config: `(import "morphee:extension/config@0.9.0" (instance $config
    (export "get" (func (param "key" string) (result (option string))))))`,
  http: `(import "morphee:extension/types@0.9.0" (instance $types (type $r ${FAILURE}) (export "failure" (type (eq $r)))))
  (alias export $types "failure" (type $failure))
  (import "morphee:extension/http@0.9.0" (instance $http
    (alias outer 1 $failure (type $f)) (export "failure" (type $e (eq $f)))
    (type $h' (record (field "name" string) (field "value" string))) (export "header" (type $h (eq $h')))
    (type $q' (record (field "method" string) (field "url" string) (field "headers" (list $h)) (field "body" (option (list u8)))
      (field "credential" (option string)) (field "timeout-ms" (option u32)))) (export "request" (type $q (eq $q')))
    (type $a' (record (field "status" u16) (field "headers" (list $h)) (field "body" (list u8)) (field "url" string)))
    (export "response" (type $a (eq $a')))
    (export "read" (func (param "request" $q) (result (result $a (error $e)))))))`,
  random: `(import "morphee:extension/random@0.9.0" (instance $random
    (export "bytes" (func (param "count" u32) (result (list u8))))))`,
} as const

/** An extension whose `invoke` calls `run` of a component; `pause`, if it is imported, reads a key of its storage. */
export function extensionAround(body: string): string {
  const pauses = body.includes('(import "pause"')
  const pause = `
  (component $pauser
    (type $record ${FAILURE}) (import "failure" (type $e (eq $record)))
    (import "get" (func $get (param "key" string) (result (result (option (list u8)) (error $e)))))
    (core module $memory (memory (export "memory") 1) ${REALLOC})
    (core instance $memory (instantiate $memory))
    (core func $get (canon lower (func $get) (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
    (core module $m (import "" "get" (func $get (param i32 i32 i32)))
      (func (export "pause") (call $get (i32.const 0) (i32.const 1) (i32.const 1024))))
    (core instance $m (instantiate $m (with "" (instance (export "get" (func $get))))))
    (func (export "pause") (canon lift (core func $m "pause"))))
  (instance $pauser (instantiate $pauser (with "failure" (type $failure)) (with "get" (func $storage "get"))))`
  return extension({
    before: `${pauses ? IMPORTS.storage + pause : ''}
  (component $attack ${body})
  (instance $attack (instantiate $attack ${pauses ? '(with "pause" (func $pauser "pause"))' : ''}))`,
    lowers: '(core func $run (canon lower (func $attack "run")))',
    coreImports: '(import "" "run" (func $run))',
    supply: '(export "run" (func $run))',
    invoke: '(call $run) (i32.const 16)',
  })
}
