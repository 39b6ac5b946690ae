/** A recursive parser of JSON over 64 KB of records: bytes, branches and calls. */
const TEXT =
  '{"id":4711,"name":"Ada \\"Countess\\" Lovelace","tags":["math","poetry",null,true],"score":-12.5e3,"nested":{"a":[1,2,[3,[4]]],"b":{}}}'
const REPEAT = 500
const input = new StaticArray<u8>((TEXT.length + 1) * REPEAT + 2)
let length = 0
input[length++] = 91
for (let r = 0; r < REPEAT; r++) {
  if (r > 0) input[length++] = 44
  for (let i = 0; i < TEXT.length; i++) input[length++] = u8(TEXT.charCodeAt(i))
}
input[length++] = 93

let at = 0
let values = 0
let sum: f64 = 0

function space(): void {
  while (at < length && (input[at] == 32 || input[at] == 10 || input[at] == 13 || input[at] == 9))
    at++
}

function text(): u32 {
  let hash: u32 = 0x811c9dc5
  at++
  while (input[at] != 34) {
    if (input[at] == 92) at++
    hash = (hash ^ u32(input[at++])) * 0x01000193
  }
  at++
  return hash
}

function digits(): f64 {
  let value: f64 = 0
  while (at < length && input[at] >= 48 && input[at] <= 57)
    value = value * 10 + f64(input[at++] - 48)
  return value
}

function number(): f64 {
  const negative = input[at] == 45
  if (negative) at++
  let value = digits()
  if (input[at] == 46) {
    at++
    const start = at
    const fraction = digits()
    let scale: f64 = 1
    for (let i = start; i < at; i++) scale *= 10
    value += fraction / scale
  }
  if (input[at] == 101) {
    at++
    for (let e = i32(digits()); e > 0; e--) value *= 10
  }
  return negative ? -value : value
}

function parse(): void {
  space()
  values++
  const first = input[at]
  if (first == 123) {
    at++
    space()
    while (input[at] != 125) {
      sum += f64(text() & 0xff)
      space()
      at++
      parse()
      space()
      if (input[at] == 44) {
        at++
        space()
      }
    }
    at++
  } else if (first == 91) {
    at++
    space()
    while (input[at] != 93) {
      parse()
      space()
      if (input[at] == 44) at++
    }
    at++
  } else if (first == 34) sum += f64(text() & 0xff)
  else if (first == 116 || first == 110) at += 4
  else if (first == 102) at += 5
  else sum += number()
}

export function run(): i32 {
  at = 0
  values = 0
  sum = 0
  parse()
  return values ^ i32(sum)
}
