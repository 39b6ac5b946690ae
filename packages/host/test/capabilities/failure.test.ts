import { ERROR_TABLE, type ErrorCode } from '@morphee/core'
import { HostError } from '@morphee/host'
import { describe, expect, it } from 'vitest'
import { endsGuest, toGuestFailure } from '../../src/capabilities/failure.ts'

/** The codes of `types.failure` in the contract. */
const CODES = [
  'permission-denied',
  'rate-limited',
  'limit-exceeded',
  'timeout',
  'cancelled',
  'unreachable',
  'unauthenticated',
  'not-found',
  'conflict',
  'invalid-input',
  'unsupported',
  'internal',
]

describe('toGuestFailure()', () => {
  it('knows only codes of the contract', () => {
    for (const code of Object.keys(ERROR_TABLE)) {
      const { guest } = ERROR_TABLE[code as ErrorCode]
      if (guest !== null) expect(CODES, code).toContain(guest)
    }
  })

  it('tells the code, the message and the documented details', () => {
    const error = new HostError('ERR_HOST_PERMISSION_DENIED', 'No', {
      permission: 'http:read',
      refusedBy: 'grant',
      target: 'GET https://secret.example/path',
    })
    const failure = toGuestFailure(error)
    expect(failure).toMatchObject({ code: 'permission-denied', message: 'No' })
    expect(JSON.parse(failure.details as string)).toEqual({
      error: 'ERR_HOST_PERMISSION_DENIED',
      permission: 'http:read',
      refusedBy: 'grant',
    })
  })

  for (const error of [
    new Error('/srv/morphee/.morphee/master.key'),
    new TypeError('undefined is not a function'),
    'text',
    undefined,
    { code: 'ERR_HOST_LIMIT' },
  ]) {
    it(`says nothing about an error of our own: ${JSON.stringify(error) ?? 'undefined'}`, () => {
      expect(toGuestFailure(error)).toEqual({
        code: 'internal',
        message: 'The host could not do this',
      })
    })
  }

  it('says nothing about a coded error that is not for guests', () => {
    const error = new HostError('ERR_HOST_ARTIFACT_CORRUPT', 'the digest', { digest: 'sha256:0' })
    expect(toGuestFailure(error)).toEqual({
      code: 'internal',
      message: 'The host could not do this',
    })
  })

  it('bounds the message', () => {
    const error = new HostError('ERR_HOST_LIMIT', 'x'.repeat(10_000), {
      limit: 'memory',
      value: 1,
      unit: 'bytes',
    })
    expect(toGuestFailure(error).message.length).toBeLessThanOrEqual(1000)
  })
})

describe('endsGuest()', () => {
  it('is true for our own errors and for what could not be recorded', () => {
    expect(endsGuest(new Error('bug'))).toBe(true)
    expect(endsGuest(new HostError('ERR_HOST_CREDENTIAL_MISSING', 'm', { credential: 'x' }))).toBe(
      false,
    )
  })
})
