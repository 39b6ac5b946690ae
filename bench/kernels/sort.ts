/** Quicksort of 50,000 numbers, insertion sort below 12. */
const N = 50_000
const values = new StaticArray<i32>(N)

function sort(first: i32, last: i32): void {
  while (last - first > 12) {
    const pivot = values[(first + last) >>> 1]
    let i = first
    let j = last
    while (i <= j) {
      while (values[i] < pivot) i++
      while (values[j] > pivot) j--
      if (i <= j) {
        const t = values[i]
        values[i++] = values[j]
        values[j--] = t
      }
    }
    if (j - first < last - i) {
      sort(first, j)
      first = i
    } else {
      sort(i, last)
      last = j
    }
  }
  for (let i = first + 1; i <= last; i++) {
    const value = values[i]
    let j = i
    while (j > first && values[j - 1] > value) {
      values[j] = values[j - 1]
      j--
    }
    values[j] = value
  }
}

export function run(): i32 {
  let seed: u32 = 12345
  for (let i = 0; i < N; i++) {
    seed = seed * 1664525 + 1013904223
    values[i] = i32(seed >> 1)
  }
  sort(0, N - 1)
  let check: i32 = 0
  for (let i = 1; i < N; i++) {
    if (values[i - 1] > values[i]) return -1
    check = check * 31 + values[i]
  }
  return check
}
