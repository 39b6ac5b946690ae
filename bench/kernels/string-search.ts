/** All places of some words in 60 KB of text, by Horspool's search and by comparing everywhere. */
const SIZE = 60_000
const text = new StaticArray<u8>(SIZE)
const skip = new StaticArray<i32>(256)
let seed: u32 = 7
for (let i = 0; i < SIZE; i++) {
  seed = seed * 1664525 + 1013904223
  text[i] = u8(97 + ((seed >> 24) & 3))
}
const needle = new StaticArray<u8>(6)

function horspool(): i32 {
  const m = needle.length
  for (let i = 0; i < 256; i++) skip[i] = m
  for (let i = 0; i < m - 1; i++) skip[needle[i]] = m - 1 - i
  let found = 0
  let at = 0
  while (at <= SIZE - m) {
    let j = m - 1
    while (j >= 0 && text[at + j] == needle[j]) j--
    if (j < 0) found++
    at += skip[text[at + m - 1]]
  }
  return found
}

function everywhere(): i32 {
  const m = needle.length
  let found = 0
  for (let at = 0; at <= SIZE - m; at++) {
    let j = 0
    while (j < m && text[at + j] == needle[j]) j++
    if (j == m) found++
  }
  return found
}

export function run(): i32 {
  let result = 0
  for (let k = 0; k < 4; k++) {
    for (let i = 0; i < 6; i++) needle[i] = u8(97 + ((k * 5 + i * 3) & 3))
    result = result * 31 + horspool() * 7 + everywhere()
  }
  return result
}
