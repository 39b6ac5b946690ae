import { putOptionalStringAt, putStringAt, takeBytesAt, takeString, takeStringAt } from "./abi";
import { Failure, takeFailureAt } from "./failure";

// @ts-ignore
@external("morphee:extension/http@0.9.0", "read")
declare function hostRead(
  methodAt: usize, methodLength: usize, urlAt: usize, urlLength: usize, headersAt: usize, headersLength: usize,
  hasBody: i32, bodyAt: usize, bodyLength: usize, hasCredential: i32, credentialAt: usize, credentialLength: usize,
  hasTimeout: i32, timeout: u32, result: usize,
): void;
// @ts-ignore
@external("morphee:extension/http@0.9.0", "write")
declare function hostWrite(
  methodAt: usize, methodLength: usize, urlAt: usize, urlLength: usize, headersAt: usize, headersLength: usize,
  hasBody: i32, bodyAt: usize, bodyLength: usize, hasCredential: i32, credentialAt: usize, credentialLength: usize,
  hasTimeout: i32, timeout: u32, result: usize,
): void;
// @ts-ignore
@external("morphee:extension/http@0.9.0", "read-all")
declare function hostReadAll(requestsAt: usize, requestsLength: usize, result: usize): void;

// Sizes and offsets of the records, by the Canonical ABI.
const REQUEST_SIZE: usize = 56;
const RESULT_SIZE: usize = 40;

export class Header {
  constructor(
    public name: string,
    public value: string,
  ) {}
}

/** A request that the host checks against what the person allowed. */
export class Request {
  headers: Header[] = [];
  body: Uint8Array | null = null;
  /** Name of a credential of the manifest; the host adds it, and the extension never sees it. */
  credential: string | null = null;
  /** Until the host gives up on it; 0 for the call's own end. */
  timeoutMs: u32 = 0;

  constructor(
    public url: string,
    public method: string = "GET",
  ) {}

  header(name: string, value: string): Request {
    this.headers.push(new Header(name, value));
    return this;
  }

  /** Sends `text` as UTF-8. */
  text(text: string): Request {
    this.body = Uint8Array.wrap(String.UTF8.encode(text));
    return this;
  }
}

/** An answer of a server, 4xx and 5xx too; or, with `failure`, that there was none or that the host refused. */
export class Response {
  failure: Failure | null = null;
  status: u16 = 0;
  headers: Header[] = [];
  body: Uint8Array = new Uint8Array(0);
  /** Where the answer came from, after redirects. */
  url: string = "";

  /** Whether there was an answer and its status is 200 to 299. */
  get ok(): bool {
    return this.failure === null && this.status >= 200 && this.status < 300;
  }

  text(): string {
    return String.UTF8.decodeUnsafe(this.body.dataStart, this.body.length);
  }

  /** The first value of a header, whatever the case of its name, or null. */
  header(name: string): string | null {
    const wanted = name.toLowerCase();
    for (let i = 0; i < this.headers.length; i++) {
      if (this.headers[i].name.toLowerCase() == wanted) return this.headers[i].value;
    }
    return null;
  }
}

function putHeaders(headers: Header[]): usize {
  if (headers.length == 0) return 4;
  const at = heap.alloc(<usize>headers.length << 4);
  for (let i = 0; i < headers.length; i++) {
    putStringAt(at + (<usize>i << 4), headers[i].name);
    putStringAt(at + (<usize>i << 4) + 8, headers[i].value);
  }
  return at;
}

function dropHeaders(headers: Header[], at: usize): void {
  if (headers.length > 0) heap.free(at);
}

function takeHeadersAt(at: usize): Header[] {
  const pointer = load<usize>(at);
  const length = load<usize>(at, 4);
  const headers: Header[] = [];
  for (let i: usize = 0; i < length; i++) {
    const entry = pointer + (i << 4);
    headers.push(
      new Header(takeString(load<usize>(entry), load<usize>(entry, 4)), takeString(load<usize>(entry, 8), load<usize>(entry, 12))),
    );
  }
  if (length) heap.free(pointer);
  return headers;
}

function takeResultAt(at: usize): Response {
  const response = new Response();
  if (load<u8>(at)) {
    response.failure = takeFailureAt(at + 4);
    return response;
  }
  response.status = load<u16>(at, 4);
  response.headers = takeHeadersAt(at + 8);
  response.body = takeBytesAt(at + 16);
  response.url = takeStringAt(at + 24);
  return response;
}

function addressOf(text: string | null): usize {
  return text === null ? 0 : changetype<usize>(text);
}

function lengthOf(text: string | null): usize {
  return text === null ? 0 : <usize>text.length;
}

const area = memory.data(40, 4);

/** HTTP through the host. `read` needs `http:read`, `write` needs `http:write`; what is not called is not in the binary. */
export namespace http {
  /** Sends a GET or HEAD, or an operation that the manifest declares as reading. */
  export function read(request: Request): Response {
    const headers = request.headers;
    const headersAt = putHeaders(headers);
    const body = request.body;
    hostRead(
      changetype<usize>(request.method), <usize>request.method.length,
      changetype<usize>(request.url), <usize>request.url.length,
      headersAt, <usize>headers.length,
      body === null ? 0 : 1, body === null ? 0 : body.dataStart, body === null ? 0 : <usize>body.length,
      request.credential === null ? 0 : 1, addressOf(request.credential), lengthOf(request.credential),
      request.timeoutMs == 0 ? 0 : 1, request.timeoutMs, area,
    );
    dropHeaders(headers, headersAt);
    return takeResultAt(area);
  }

  /** Sends any other request. A redirect of a write is an answer, never followed. */
  export function write(request: Request): Response {
    const headers = request.headers;
    const headersAt = putHeaders(headers);
    const body = request.body;
    hostWrite(
      changetype<usize>(request.method), <usize>request.method.length,
      changetype<usize>(request.url), <usize>request.url.length,
      headersAt, <usize>headers.length,
      body === null ? 0 : 1, body === null ? 0 : body.dataStart, body === null ? 0 : <usize>body.length,
      request.credential === null ? 0 : 1, addressOf(request.credential), lengthOf(request.credential),
      request.timeoutMs == 0 ? 0 : 1, request.timeoutMs, area,
    );
    dropHeaders(headers, headersAt);
    return takeResultAt(area);
  }

  /** Sends several reads side by side; the answers come in the order of the requests. */
  export function readAll(requests: Request[]): Response[] {
    const count = requests.length;
    const responses: Response[] = [];
    if (count == 0) return responses;
    const at = heap.alloc(<usize>count * REQUEST_SIZE);
    for (let i = 0; i < count; i++) putRequestAt(at + <usize>i * REQUEST_SIZE, requests[i]);
    hostReadAll(at, <usize>count, area);
    for (let i = 0; i < count; i++) {
      dropHeaders(requests[i].headers, load<usize>(at + <usize>i * REQUEST_SIZE, 16));
    }
    heap.free(at);
    const results = load<usize>(area);
    const answers = load<usize>(area, 4);
    for (let i: usize = 0; i < answers; i++) responses.push(takeResultAt(results + i * RESULT_SIZE));
    if (answers) heap.free(results);
    return responses;
  }
}

function putRequestAt(at: usize, request: Request): void {
  putStringAt(at, request.method);
  putStringAt(at + 8, request.url);
  store<usize>(at, putHeaders(request.headers), 16);
  store<usize>(at, <usize>request.headers.length, 20);
  const body = request.body;
  store<u8>(at, body === null ? 0 : 1, 24);
  if (body !== null) {
    store<usize>(at, body.dataStart, 28);
    store<usize>(at, <usize>body.length, 32);
  }
  putOptionalStringAt(at + 36, request.credential);
  store<u8>(at, request.timeoutMs == 0 ? 0 : 1, 48);
  store<u32>(at, request.timeoutMs, 52);
}
