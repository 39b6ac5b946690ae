import { Component, EngineError } from '@morphee/component'
import { describe, expect, test } from 'vitest'
import { dummyComponent, parseWat } from '../toolchain.ts'

async function witOf(wat: string): Promise<string> {
  return (await Component.compile(await parseWat(wat))).wit()
}

/** A WIT source that uses every construct, as the printer lays it out; what a component cannot say (its package) is put in by the test. */
const PACKAGES = `package t:t@1.2.0 {
  interface a {
    record point {
      x: u32,
      %record: s64,
    }

    resource blob {
      constructor(init: list<u8>);
      write: func(p: point) -> result<u32, string>;
      merge: static func(a: borrow<blob>, b: blob) -> blob;
    }

    type points = list<point>;

    type alias = blob;

    type again = points;

    enum color {
      red,
      green,
    }

    flags perms {
      read,
      write,
    }

    variant v {
      none,
      some-thing(tuple<u8, string>),
      err(result<_, u8>),
    }

    get: func() -> points;

    both: func(a: alias, b: borrow<blob>) -> alias;

    keep: func(a: again, c: color, p: perms, v: v, r: result) -> option<option<char>>;
  }
  interface b {
    use a.{point, blob as bb};

    variant w {
      p(point),
      b(bb),
    }

    f: func(p: option<point>, b: borrow<bb>) -> w;
  }
  interface c {
    use b.{point, bb};

    g: func(p: point) -> bb;
  }
  interface d {
    use a.{point};

    record local {
      p: point,
    }

    resource res {
      constructor() -> result<res>;
      go: func();
    }

    f: func(l: local, p: point) -> tuple<local, res>;
  }
}
`
const WORLD = `  import t:t/a@1.2.0;
  import t:t/b@1.2.0;
  import t:t/c@1.2.0;
  import inline: interface {
    use t:t/a@1.2.0.{point};

    record q {
      p: point,
    }

    f: func(q: q) -> point;
  }
  use t:t/a@1.2.0.{point as worldly};

  record wrapped {
    p: worldly,
  }
  import at-top: func(w: wrapped) -> worldly;

  export run: func(w: wrapped) -> string;
  export t:t/a@1.2.0;
  export t:t/d@1.2.0;
`

describe('component.wit()', () => {
  test('prints a world with every construct as it was written', async () => {
    const source = `package t:w;\n\nworld w {\n${WORLD}}\n${PACKAGES}`
    const component = await Component.compile(await dummyComponent(source, 't:w/w'))
    expect(component.wit()).toBe(`package root:component;\n\nworld root {\n${WORLD}}\n${PACKAGES}`)
  })

  test('merges an interface that is imported in part and exported whole', async () => {
    const wit = await witOf(`(component
      (import "a:b/c" (instance (type (record (field "x" u8))) (export "t" (type (eq 0))) (export "one" (func (result 1)))))
      (core module $m (func (export "f") (result i32) unreachable))
      (core instance $m (instantiate $m))
      (type $r (record (field "x" u8)))
      (component $shim
        (type $r (record (field "x" u8)))
        (import "it" (type $t (eq $r)))
        (import "f" (func $f (result $t)))
        (export $e "t" (type $t))
        (export "two" (func $f) (func (result $e))))
      (func $two (result $r) (canon lift (core func $m "f")))
      (instance $i (instantiate $shim (with "it" (type $r)) (with "f" (func $two))))
      (export "a:b/c" (instance $i)))`)
    expect(wit).toContain(`interface c {
    record t {
      x: u8,
    }

    one: func() -> t;

    two: func() -> t;
  }`)
  })

  test('says what WIT has no words for', async () => {
    const wit = await witOf(`(component
      (import "x" (instance (export "inner" (instance (export "f" (func))))))
      (core module $m) (export "m" (core module $m)))`)
    expect(wit).toBe(`package root:component;

world root {
  import x: interface {
    // has "inner": WIT has no words for what this is
  }

  // export "m": WIT has no words for what this is
}
`)
  })

  test('refuses types that share their parts and would be gigabytes written out', async () => {
    const twice = (index: number): string => `(type (tuple ${index} ${index}))`
    const types = ['(type (tuple u8 u8))', ...Array.from({ length: 11 }, (_, i) => twice(i))]
    const params = Array.from({ length: 16 }, (_, i) => `(param "p${i}" 11)`).join(' ')
    const funcs = Array.from({ length: 600 }, (_, i) => `(import "f${i}" (func (type $f)))`)
    const wat = `(component ${types.join(' ')} (type $f (func ${params})) ${funcs.join(' ')})`
    const component = await Component.compile(await parseWat(wat))
    for (const print of [() => component.wit(), () => component.declarations()]) {
      expect(print).toThrow(EngineError)
      expect(print).toThrow(/length of its interface as text/)
    }
  })
})
