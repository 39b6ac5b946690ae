export function now() {
  return `${new Date().toISOString()} ${Math.random()}`
}

export function fail() {
  throw new Error('as it should')
}
