"""Works out calls.json, lifts.json and refused.json with the specification's own reference of the Canonical ABI.

    git clone https://github.com/WebAssembly/component-model
    python3 make.py component-model/design/mvp/canonical-abi

The cases are written here by hand; what they are in core values and in memory comes from `definitions.py`, not from the engine
that is tested with them. Commit of the reference: 6d281648bd89caf885a7adcc412962dbd2425ab7.
"""

import json
import struct
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
import definitions as abi  # noqa: E402

abi.DETERMINISTIC_PROFILE = True
HERE = Path(__file__).parent
BASE = 256
ENCODINGS = ["utf8", "utf16", "latin1+utf16"]
PRIMITIVES = ["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string"]


# Types, spelled as the engine describes them.
def plain(kind):
    return {"kind": kind}


BOOL, S8, U8, S16, U16, S32, U32, S64, U64, F32, F64, CHAR, STRING = map(plain, PRIMITIVES)


def lst(element, length=None):
    return {"kind": "list", "element": element} | ({} if length is None else {"length": length})


def tup(*types):
    return {"kind": "tuple", "types": list(types)}


def rec(**fields):
    return {"kind": "record", "fields": [{"name": n.replace("_", "-"), "type": t} for n, t in fields.items()]}


def var(**cases):
    return {"kind": "variant", "cases": [{"name": n.replace("_", "-"), "type": t} for n, t in cases.items()]}


def names(kind, count):
    return {"kind": kind, "names": [f"n{i}" for i in range(count)]}


def opt(inner):
    return {"kind": "option", "type": inner}


def res(ok, error):
    return {"kind": "result", "ok": ok, "error": error}


def mp(key, value):
    return {"kind": "map", "key": key, "value": value}


# Values, as JSON has them: 64-bit integers and all floats are texts, floats the hexadecimal of their bits; a list of u8 is
# hexadecimal, flags are the names that are set, variants { case, value }, options null or { some }, results { ok } or { error }.
def f32(x):
    return struct.pack(">f", x).hex()


def f64(x):
    return struct.pack(">d", x).hex()


def reference_type(t):
    kind = t["kind"]
    if kind in PRIMITIVES:
        return getattr(abi, {"string": "String", "char": "Char", "bool": "Bool"}.get(kind, kind.upper()) + "Type")()
    r = reference_type
    maybe = lambda one: None if one is None else r(one)
    match kind:
        case "list":
            return abi.ListType(r(t["element"]), t.get("length"))
        case "tuple":
            return abi.TupleType([r(one) for one in t["types"]])
        case "record":
            return abi.RecordType([abi.FieldType(f["name"], r(f["type"])) for f in t["fields"]])
        case "variant":
            return abi.VariantType([abi.CaseType(c["name"], maybe(c["type"])) for c in t["cases"]])
        case "enum":
            return abi.EnumType(t["names"])
        case "flags":
            return abi.FlagsType(t["names"])
        case "option":
            return abi.OptionType(r(t["type"]))
        case "result":
            return abi.ResultType(maybe(t["ok"]), maybe(t["error"]))
        case "map":
            return abi.MapType(r(t["key"]), r(t["value"]))
    raise ValueError(kind)


def reference_value(t, v, encoding):
    r = lambda inner, value: reference_value(inner, value, encoding)
    match t["kind"]:
        case "s64" | "u64":
            return int(v)
        case "f32":
            return struct.unpack(">f", bytes.fromhex(v))[0]
        case "f64":
            return struct.unpack(">d", bytes.fromhex(v))[0]
        case "string":
            if encoding == "utf8":
                return (v, "utf8", len(v.encode()))
            units = len(v.encode("utf-16-le")) // 2
            if encoding == "utf16":
                return (v, "utf16", units)
            if all(ord(c) < 256 for c in v):
                return (v, "latin1+utf16", len(v))
            return (v, "latin1+utf16", units | 1 << 31)
        case "list":
            if t["element"]["kind"] == "u8":
                return list(bytes.fromhex(v))
            return [r(t["element"], one) for one in v]
        case "tuple":
            return {str(i): r(one, v[i]) for i, one in enumerate(t["types"])}
        case "record":
            return {f["name"]: r(f["type"], v[f["name"]]) for f in t["fields"]}
        case "variant":
            [payload] = [c["type"] for c in t["cases"] if c["name"] == v["case"]]
            return {v["case"]: None if payload is None else r(payload, v["value"])}
        case "enum":
            return {v: None}
        case "flags":
            return {n: n in v for n in t["names"]}
        case "option":
            return {"none": None} if v is None else {"some": r(t["type"], v["some"])}
        case "result":
            [(name, payload)] = v.items()
            inner = t[name]
            return {name: None if inner is None else r(inner, payload)}
        case "map":
            return [{"0": r(t["key"], k), "1": r(t["value"], one)} for k, one in v]
    return v


class Context:
    """A lift or lower with an allocator that only moves forward."""

    def __init__(self, encoding, memory=b"", base=BASE):
        self.opts = abi.CanonicalOptions()
        self.opts.string_encoding = encoding
        self.opts.memory = abi.MemInst(bytearray(base) + bytearray(memory) + bytearray(65_536 - base - len(memory)), "i32")
        self.top = base

    def allocate(self, alignment, size):
        self.top = abi.align_to(self.top, alignment)
        at = self.top
        self.top += size
        return at

    def reallocate(self, old, old_size, alignment, size):
        if size > old_size:
            raise ValueError("the cases are such that nothing grows")
        self.top = old + size
        return old


def has_pointer(t):
    kind = t["kind"]
    if kind in ("string", "map"):
        return True
    if kind == "list":
        return "length" not in t or has_pointer(t["element"])
    inner = t.get("types") or [x["type"] for x in t.get("fields", t.get("cases", []))]
    inner = inner + [t.get("type"), t.get("ok"), t.get("error")]
    return any(has_pointer(one) for one in inner if one is not None)


def core_bits(flat_type, value):
    match flat_type:
        case "f32":
            return str(struct.unpack("<I", struct.pack("<f", value))[0])
        case "f64":
            return str(struct.unpack("<Q", struct.pack("<d", value))[0])
    return str(value & (0xFFFF_FFFF if flat_type == "i32" else 0xFFFF_FFFF_FFFF_FFFF))


def image(t, v, encoding):
    """What memory holds from BASE on when a value lies there."""
    cx = Context(encoding)
    reference = reference_type(t)
    at = cx.allocate(abi.alignment(reference, "i32"), abi.elem_size(reference, "i32"))
    assert at == BASE
    abi.store(cx, reference_value(t, v, encoding), reference, at)
    return bytes(cx.opts.memory.bytes[BASE : cx.top]).hex()


def signature(params, result, context):
    ft = abi.FuncType([(f"p{i}", reference_type(t)) for i, t in enumerate(params)], [] if result is None else [reference_type(result)])
    core = abi.flatten_functype(Context("utf8").opts, ft, context)
    return {"params": core.params, "results": core.results}


def call(name, params, result, calls):
    """A function, and calls of it: arguments and what is answered."""
    made = {
        "name": name,
        "params": params,
        "result": result,
        "lift": signature(params, result, "lift"),
        "lower": signature(params, result, "lower"),
        "calls": [],
    }
    for args, answer in calls:
        one = {"args": args, "answer": answer}
        if len(made["lift"]["params"]) == sum(len(abi.flatten_type(reference_type(t), Context("utf8").opts)) for t in params) and not any(
            has_pointer(t) for t in params
        ):
            flat = [
                core_bits(kind, bits)
                for t, v in zip(params, args)
                for kind, bits in zip(
                    abi.flatten_type(reference_type(t), Context("utf8").opts),
                    abi.lower_flat(Context("utf8"), reference_value(t, v, "utf8"), reference_type(t)),
                )
            ]
            one["core"] = flat
        if result is not None and made["lift"]["results"] and len(abi.flatten_type(reference_type(result), Context("utf8").opts)) > 1:
            images = {e: image(result, answer, e) for e in ENCODINGS}
            one["memory"] = images["utf8"] if len(set(images.values())) == 1 else images
        made["calls"].append(one)
    return made


def echo(name, t, *values):
    return call(name, [t], t, [([v], v) for v in values])


def ends(bits, signed):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    all_ends = sorted({low, low + 1, -1 if signed else 0, 0, 1, 2 ** (bits - 1) - 1, high - 1, high})
    return [str(n) if bits == 64 else n for n in all_ends]


TEXTS = [
    "", "a", "\0", "a\0b", "\x7f\x80", "caf\u00e9", "\u00ff", "\u0100", "\u0100 after", "before \u0100", "\ud7ff\ue000", "\uffff\ufeff",
    "\U00010000", "\U0010ffff", "mixed \u00e9 \u65e5\u672c\u8a9e \U0001f389 end", "x" * 23, "x" * 24, "x" * 25, "\u00e9" * 24, "y" * 300 + "\u00e9",
    "y" * 300 + "\u65e5",
]
CHARS = ["\0", "a", "\x7f", "\x80", "\u00ff", "\u0100", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"]
FLOATS32 = [0.0, -0.0, 1.5, -1.5, 2.0**-149, 2.0**-126, 3.4028234663852886e38, float("inf"), float("-inf")]
FLOATS64 = [0.0, -0.0, 1.5, 0.1, 5e-324, 2.0**-1022, 1.7976931348623157e308, float("inf"), float("-inf")]

ints = [
    echo(f"{'s' if signed else 'u'}{bits}", {"kind": f"{'s' if signed else 'u'}{bits}"}, *ends(bits, signed))
    for bits in (8, 16, 32, 64)
    for signed in (True, False)
]
point = rec(x=S32, y_axis=U8)
shape = var(none=None, circle=F32, square=U64, named=STRING, pair=tup(U8, F64))
mixed = rec(a=U8, b=U16, c=U8, d=U32, e=U8, f=U64, g=U8)
numbers = lambda count, t=U32: [t] * count

calls = [
    echo("bool", BOOL, True, False),
    *ints,
    echo("f32", F32, *map(f32, FLOATS32)),
    echo("f64", F64, *map(f64, FLOATS64)),
    echo("char", CHAR, *CHARS),
    echo("string", STRING, *TEXTS),
    echo("list of u8", lst(U8), "", "00", "00ff80", "ab" * 300),
    echo("list of bool", lst(BOOL), [], [True, False, True]),
    echo("list of s8", lst(S8), [-128, 127, 0]),
    echo("list of u16", lst(U16), [0, 65535]),
    echo("list of u64", lst(U64), ["0", "18446744073709551615"]),
    echo("list of f32", lst(F32), [f32(x) for x in FLOATS32]),
    echo("list of f64", lst(F64), [f64(x) for x in FLOATS64]),
    echo("list of char", lst(CHAR), CHARS),
    echo("list of string", lst(STRING), [], TEXTS),
    echo("list of list of u8", lst(lst(U8)), ["", "01", "0203"]),
    echo("list of tuple, padded at the end", lst(tup(U32, U8)), [[1, 2], [4294967295, 255]]),
    echo("list of record with every alignment", lst(mixed), [{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": "6", "g": 7}] * 2),
    echo("list of option", lst(opt(U16)), [None, {"some": 0}, {"some": 65535}]),
    echo("list of variant", lst(shape), [{"case": "none"}, {"case": "circle", "value": f32(1.5)}, {"case": "square", "value": "1"}, {"case": "named", "value": "caf\u00e9"}, {"case": "pair", "value": [1, f64(-0.0)]}]),
    echo("list of enum", lst(names("enum", 3)), ["n0", "n2", "n1"]),
    echo("list of flags of 17 names", lst(names("flags", 17)), [[], ["n0", "n16"], ["n7", "n8"]]),
    echo("list of map", lst(mp(U8, U8)), [[], [[1, 2], [0, 255]]]),
    echo("fixed list of u8", lst(U8, 4), "00017fff"),
    echo("fixed list of u16", lst(U16, 3), [1, 2, 65535]),
    echo("fixed list of fixed lists", lst(lst(U8, 2), 3), ["0102", "0304", "0506"]),
    echo("fixed list of 16", lst(U64, 16), [str(i) for i in range(16)]),
    echo("fixed list of 17, which travels through memory", lst(U64, 17), [str(i) for i in range(17)]),
    echo("fixed list of string", lst(STRING, 2), ["caf\u00e9", "\u65e5"]),
    echo("map of string to u64", mp(STRING, U64), [], [["a", "1"], ["\u00e9", "2"], ["", "3"]]),
    echo("map of u8 to list", mp(U8, lst(U16)), [[0, [1]], [255, []]]),
    echo("map of char to bool", mp(CHAR, BOOL), [["\U0010ffff", True], ["\0", False]]),
    echo("map of s64 to map", mp(S64, mp(BOOL, STRING)), [["-9223372036854775808", [[True, "x"]]]]),
    echo("tuple of one", tup(U8), [255]),
    echo("tuple with holes", tup(U8, U64, U8, U16), [1, "2", 3, 4]),
    echo("tuple in tuple", tup(tup(U8, U8), U8), [[1, 2], 3]),
    echo("record", point, {"x": -2147483648, "y-axis": 255}),
    echo("record with every alignment", mixed, {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": "18446744073709551615", "g": 7}),
    echo("record of strings", rec(first=STRING, second=STRING), {"first": "caf\u00e9", "second": "\u0100"}),
    echo("enum of one", names("enum", 1), "n0"),
    echo("enum of 256", names("enum", 256), "n0", "n255"),
    echo("enum of 257", names("enum", 257), "n0", "n255", "n256"),
    *[
        echo(f"flags of {count} names", names("flags", count), [], ["n0"], [f"n{count - 1}"], [f"n{i}" for i in range(count)])
        for count in (1, 8, 9, 16, 17, 32)
    ],
    echo("option of u8", opt(U8), None, {"some": 0}, {"some": 255}),
    echo("option of u64", opt(U64), None, {"some": "18446744073709551615"}),
    echo("option of option", opt(opt(BOOL)), None, {"some": None}, {"some": {"some": False}}),
    echo("option of string", opt(STRING), None, {"some": ""}, {"some": "\u65e5"}),
    echo("variant of one case", var(only=U8), {"case": "only", "value": 9}),
    echo("variant without payloads", var(a=None, b=None), {"case": "a"}, {"case": "b"}),
    echo("variant that joins i32 and f32", var(a=U32, b=F32), {"case": "a", "value": 4294967295}, {"case": "b", "value": f32(-0.0)}),
    echo("variant that joins i64 and f32", var(a=U64, b=F32), {"case": "a", "value": "18446744073709551615"}, {"case": "b", "value": f32(1.5)}),
    echo("variant that joins i32 and f64", var(a=S32, b=F64), {"case": "a", "value": -1}, {"case": "b", "value": f64(float("-inf"))}),
    echo("variant that joins f32 and f64", var(a=F32, b=F64), {"case": "a", "value": f32(2.0**-149)}, {"case": "b", "value": f64(5e-324)}),
    echo("variant that joins i64 and f64", var(a=S64, b=F64), {"case": "a", "value": "-1"}, {"case": "b", "value": f64(0.1)}),
    echo("variant of everything", shape, {"case": "none"}, {"case": "circle", "value": f32(1.5)}, {"case": "square", "value": "18446744073709551615"}, {"case": "named", "value": "\u65e5"}, {"case": "pair", "value": [255, f64(0.1)]}),
    echo("variant with a case of 15 parts, 16 in all", var(none=None, many=tup(*numbers(15))), {"case": "none"}, {"case": "many", "value": list(range(15))}),
    echo("variant with a case of 16 parts, 17 in all", var(none=None, many=tup(*numbers(16))), {"case": "none"}, {"case": "many", "value": list(range(16))}),
    call("result", [U8], res(U8, STRING), [([0], {"ok": 255}), ([1], {"error": "caf\u00e9"})]),
    call("result without payloads", [U8], res(None, None), [([0], {"ok": None}), ([1], {"error": None})]),
    call("result with an error only", [U8], res(None, U64), [([0], {"ok": None}), ([1], {"error": "1"})]),
    echo("result in a tuple", tup(res(U8, F32), res(None, U64)), [{"ok": 1}, {"error": "2"}], [{"error": f32(1.5)}, {"ok": None}]),
    call("nothing in, nothing out", [], None, [([], None)]),
    call("16 parameters, which stay core values", numbers(16), U32, [(list(range(16)), 7)]),
    call("17 parameters, which go through memory", numbers(17), U32, [(list(range(17)), 7)]),
    call("parameters of 16 parts", [U8, *[STRING] * 7, U64], None, [([1, *TEXTS[:7], "2"], None)]),
    call("parameters of 17 parts with holes", [U8, *[STRING] * 7, U64, U8], None, [([1, *TEXTS[:7], "2", 3], None)]),
    call("17 parameters and a result through memory", [U8, *numbers(16, U64)], tup(U8, STRING), [([1, *map(str, range(16))], [1, "caf\u00e9"])]),
    call("a result of one part", [], tup(U64), [([], ["1"])]),
    call("a result of two parts", [], tup(U8, U64), [([], [1, "2"])]),
    call("parameters of every core type", [U8, S64, F32, F64, BOOL, CHAR], None, [([255, "-1", f32(-0.0), f64(0.1), True, "\U0010ffff"], None)]),
]


def lift(name, t, core, value):
    """Core values that no engine lowers to, and what they mean."""
    reference = reference_type(t)
    flat = abi.flatten_type(reference, Context("utf8").opts)
    values = [
        struct.unpack("<f", struct.pack("<I", bits))[0] if kind == "f32" else struct.unpack("<d", struct.pack("<Q", bits))[0] if kind == "f64" else bits
        for kind, bits in zip(flat, core, strict=True)
    ]
    got = abi.lift_flat(Context("utf8"), abi.CoreValueIter(values), reference)
    want = reference_value(t, value, "utf8")
    assert str(got) == str(want), (name, got, want)
    return {"name": name, "type": t, "flat": flat, "core": [str(bits) for bits in core], "value": value}


NAN32, NAN64 = "7fc00000", "7ff8000000000000"
lifts = [
    *[lift(f"bool of {n}", BOOL, [n], n != 0) for n in (0, 1, 2, 256, 0xFFFF_FFFF)],
    *[lift(f"u8 of {n:#x}", U8, [n], n & 0xFF) for n in (0x100, 0x1FF, 0xFFFF_FFFF)],
    *[lift(f"s8 of {n:#x}", S8, [n], v) for n, v in ((0x80, -128), (0x17F, 127), (0xFFFF_FF00, 0))],
    *[lift(f"u16 of {n:#x}", U16, [n], n & 0xFFFF) for n in (0x1_0000, 0xFFFF_FFFF)],
    *[lift(f"s16 of {n:#x}", S16, [n], v) for n, v in ((0x8000, -32768), (0x1_7FFF, 32767))],
    *[lift(f"f32 of the NaN {n:#x}", F32, [n], NAN32) for n in (0x7FC0_0000, 0x7FC0_0001, 0x7FFF_FFFF, 0xFFC0_0000, 0xFFFF_FFFF)],
    *[lift(f"f64 of the NaN {n:#x}", F64, [n], NAN64) for n in (0x7FF8_0000_0000_0000, 0x7FF8_0000_0000_0001, 0x7FFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)],
    lift("flags of 1 name with the other bits set", names("flags", 1), [0xFFFF_FFFE], []),
    lift("flags of 9 names with the other bits set", names("flags", 9), [0xFFFF_FF00], ["n8"]),
]


def refused(name, t, encoding, hexadecimal, why):
    """Bytes at BASE that are no value of `t`."""
    memory = bytes.fromhex(hexadecimal)
    reference = reference_type(t)
    try:
        abi.load(Context(encoding, memory), BASE, reference)
    except abi.Trap:
        return {"name": name, "type": t, "encoding": encoding, "memory": memory.hex(), "why": why}
    raise AssertionError(f"{name} is a value")


def pointed(units, content, at=BASE + 8):
    return struct.pack("<II", at, units).hex() + content


SPOT = BASE + 8
refusals = [
    *[
        refused(f"a tuple with the char {code:#x}", tup(CHAR, U8), "utf8", struct.pack("<II", code, 0).hex(), "invalid char")
        for code in (0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0x11_0000, 0xFFFF_FFFF)
    ],
    refused("a variant with a case too many", tup(var(a=None, b=None), U8), "utf8", "0200", "invalid variant discriminant"),
    refused("an enum with a case too many", tup(names("enum", 257), U8), "utf8", "01010000", "invalid variant discriminant"),
    refused("an option that is neither", tup(opt(U8), U8), "utf8", "020000", "invalid variant discriminant"),
    refused("a result that is neither", tup(res(U8, None), U8), "utf8", "ff0000", "invalid variant discriminant"),
    *[
        refused(f"utf8: {what}", STRING, "utf8", pointed(len(content) // 2, content), "invalid utf-8")
        for what, content in (
            ("a continuation alone", "80"), ("cut off", "c3"), ("overlong", "c080"), ("a surrogate", "eda080"), ("beyond the last character", "f4908080"),
            ("0xff", "61ff"),
        )
    ],
    *[
        refused(f"utf16: {what}", STRING, "utf16", pointed(len(content) // 4, content), "unpaired surrogate")
        for what, content in (("a high surrogate alone", "00d8"), ("a low surrogate alone", "00dc"), ("two high surrogates", "00d800d8"), ("reversed", "00dc00d8"))
    ],
    refused("latin1+utf16: a surrogate alone", STRING, "latin1+utf16", pointed(1 | 1 << 31, "00d8"), "unpaired surrogate"),
    refused("a utf16 string at an odd place", STRING, "utf16", pointed(1, "00610000", SPOT + 1), "not aligned"),
    refused("a latin1 string at an odd place", STRING, "latin1+utf16", pointed(1, "00610000", SPOT + 1), "not aligned"),
    refused("a string one byte beyond memory", STRING, "utf8", pointed(1, "", 65_536), "out of bounds"),
    refused("a string whose end wraps around", STRING, "utf8", pointed(0xFFFF_FFFF, "", 0xFFFF_FFFF), "out of bounds"),
    refused("a utf16 string of 2³¹ units", STRING, "utf16", pointed(1 << 31, ""), "out of bounds"),
    refused("a list of u32 at an odd place", lst(U32), "utf8", pointed(1, "00000000", SPOT + 2), "not aligned"),
    refused("an empty list of u64 at an odd place", lst(U64), "utf8", pointed(0, "", SPOT + 4), "not aligned"),
    refused("a list of u64 that ends beyond memory", lst(U64), "utf8", pointed(2, "", 65_528), "out of bounds"),
    refused("a list whose bytes overflow 32 bits", lst(U64), "utf8", pointed(0x2000_0001, ""), "out of bounds"),
    refused("a list of bytes of 4 GiB", lst(U8), "utf8", pointed(0xFFFF_FFFF, "", 0), "out of bounds"),
    refused("a map that ends beyond memory", mp(U8, U32), "utf8", pointed(2, "", 65_528), "out of bounds"),
]


def write(name, about, rows):
    text = json.dumps({"about": about, "memoryAt": BASE, "cases": []}, ensure_ascii=True)[:-3] + "[\n"
    text += ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows) + "\n]}\n"
    json.loads(text)
    (HERE / name).write_text(text)


write("calls.json", "Functions, their core signatures, and calls of them: arguments as core values, answers as memory holds them.", calls)
write("lifts.json", "Core values that nothing is lowered to, and the values they are lifted to.", lifts)
write("refused.json", "Bytes in memory that trap when they are lifted.", refusals)
