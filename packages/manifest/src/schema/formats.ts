import { isHostname } from '../url/url-template.ts'

/** The formats that are checked. Any other is refused: an author who writes one relies on it. */
export const FORMATS: Readonly<
  Record<string, { readonly says: string; readonly test: (text: string) => boolean }>
> = {
  hostname: { says: 'a host name such as example.com', test: isHostname },
  uri: {
    says: 'an address such as https://example.com/',
    test: (text) => isAscii(text) && /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) && URL.canParse(text),
  },
  'uri-reference': {
    says: 'an address or a part of one',
    test: (text) => isAscii(text) && URL.canParse(text, 'https://host.invalid/'),
  },
  email: {
    says: 'an e-mail address',
    test: (text) =>
      text.length <= 320 && /^[^\s@"(),:;<>[\\\]]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/.test(text),
  },
  date: { says: 'a date such as 2026-01-31', test: isDate },
  time: { says: 'a time such as 12:30:00Z', test: isTime },
  'date-time': { says: 'a date and time such as 2026-01-31T12:30:00Z', test: isDateTime },
  duration: {
    says: 'a duration such as P1DT2H',
    test: (text) =>
      text.length <= 64 &&
      /^P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)$/.test(
        text,
      ),
  },
  uuid: {
    says: 'a UUID',
    test: (text) => /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text),
  },
  ipv4: {
    says: 'an IPv4 address',
    test: (text) => /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text),
  },
  ipv6: {
    says: 'an IPv6 address',
    test: (text) => /^[0-9a-f:.]{2,45}$/i.test(text) && URL.canParse(`https://[${text}]/`),
  },
}

function isAscii(text: string): boolean {
  return /^[\u0021-\u007e]*$/.test(text)
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  if (match === null) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const last = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  return month >= 1 && month <= 12 && day >= 1 && day <= last
}

function isTime(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i.test(
    text,
  )
}

function isDateTime(text: string): boolean {
  return (
    text.length <= 64 &&
    /^.{10}t/i.test(text) &&
    isDate(text.slice(0, 10)) &&
    isTime(text.slice(11))
  )
}
