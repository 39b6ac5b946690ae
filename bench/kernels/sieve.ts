/** Primes below n, by the sieve of Eratosthenes. */
const SIZE = 200_000
const composite = new StaticArray<u8>(SIZE)
export function run(): i32 {
  for (let i = 0; i < SIZE; i++) composite[i] = 0
  let count = 0
  for (let i = 2; i < SIZE; i++) {
    if (composite[i]) continue
    count++
    for (let j = i + i; j < SIZE; j += i) composite[j] = 1
  }
  return count
}
