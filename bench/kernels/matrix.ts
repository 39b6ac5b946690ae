/** The product of two matrices of doubles. */
const N = 120
const a = new StaticArray<f64>(N * N)
const b = new StaticArray<f64>(N * N)
const c = new StaticArray<f64>(N * N)
for (let i = 0; i < N * N; i++) {
  a[i] = f64(i % 7) - 3
  b[i] = f64(i % 5) - 2
}
export function run(): i32 {
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) {
      let sum: f64 = 0
      for (let k = 0; k < N; k++) sum += a[i * N + k] * b[k * N + j]
      c[i * N + j] = sum
    }
  }
  let trace: f64 = 0
  for (let i = 0; i < N; i++) trace += c[i * N + i] * f64(i + 1)
  return i32(trace)
}
