/** Iterations of the Mandelbrot set on a grid of 160 by 160. */
const SIZE = 160
const LIMIT = 100
export function run(): i32 {
  let total = 0
  for (let y = 0; y < SIZE; y++) {
    const ci = (2.4 * f64(y)) / f64(SIZE) - 1.2
    for (let x = 0; x < SIZE; x++) {
      const cr = (3.0 * f64(x)) / f64(SIZE) - 2.0
      let zr: f64 = 0
      let zi: f64 = 0
      let i = 0
      while (i < LIMIT && zr * zr + zi * zi <= 4) {
        const next = zr * zr - zi * zi + cr
        zi = 2 * zr * zi + ci
        zr = next
        i++
      }
      total += i
    }
  }
  return total
}
