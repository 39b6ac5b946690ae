/** `spec/wit/extension.wit` without its comments; a test holds the two together. */
export const CONTRACT: string = `package morphee:extension@0.9.0;
interface types {
  record failure {
    code: string,
    message: string,
    details: option<string>,
    retry-after-ms: option<u32>,
  }
}
interface invocation {
  id: func() -> string;
  caller: func() -> string;
  locale: func() -> string;
  time-zone: func() -> string;
  remaining-ms: func() -> u64;
  progress: func(fraction: option<f32>, message: string);
}
interface log {
  enum level { debug, info, warn, error }
  write: func(level: level, message: string);
}
interface clock {
  now: func() -> u64;
  monotonic: func() -> u64;
}
interface random {
  bytes: func(count: u32) -> list<u8>;
}
interface config {
  get: func(key: string) -> option<string>;
}
interface http {
  use types.{failure};
  record header { name: string, value: string }
  record request {
    method: string,
    url: string,
    headers: list<header>,
    body: option<list<u8>>,
    credential: option<string>,
    timeout-ms: option<u32>,
  }
  record response {
    status: u16,
    headers: list<header>,
    body: list<u8>,
    url: string,
  }
  read: func(request: request) -> result<response, failure>;
  read-all: func(requests: list<request>) -> list<result<response, failure>>;
  write: func(request: request) -> result<response, failure>;
}
interface vault {
  use types.{failure};
  get: func(name: string) -> result<option<string>, failure>;
  set: func(name: string, value: string) -> result<_, failure>;
  delete: func(name: string) -> result<_, failure>;
}
interface storage {
  use types.{failure};
  get: func(key: string) -> result<option<list<u8>>, failure>;
  set: func(key: string, value: list<u8>) -> result<_, failure>;
  delete: func(key: string) -> result<_, failure>;
  record page { keys: list<string>, cursor: option<string> }
  keys: func(prefix: string, limit: u32, cursor: option<string>) -> result<page, failure>;
}
interface data {
  use types.{failure};
  record entry { id: string, revision: string, json: string }
  record page { entries: list<entry>, cursor: option<string> }
  get: func(collection: string, id: string) -> result<option<entry>, failure>;
  query: func(collection: string, filter: string, limit: u32, cursor: option<string>) -> result<page, failure>;
  create: func(collection: string, json: string) -> result<entry, failure>;
  update: func(collection: string, id: string, revision: string, json: string) -> result<entry, failure>;
  delete: func(collection: string, id: string, revision: string) -> result<_, failure>;
}
interface events {
  use types.{failure};
  emit: func(topic: string, payload: string) -> result<_, failure>;
}
interface actions {
  use types.{failure};
  invoke: func(action: string, input: string) -> result<string, failure>;
}
interface event-handler {
  use types.{failure};
  record event {
    id: string,
    source: string,
    topic: string,
    time: u64,
    attempt: u32,
    payload: string,
    context: option<string>,
  }
  handle: func(event: event) -> result<_, failure>;
}
interface lifecycle {
  use types.{failure};
  check-config: func(config: string) -> result<_, failure>;
  upgrade: func(from-version: string) -> result<_, failure>;
}
world capabilities {
  import invocation;
  import log;
  import clock;
  import random;
  import config;
  import http;
  import vault;
  import storage;
  import data;
  import events;
}
world extension {
  include capabilities;
  export actions;
}
world extension-full {
  include capabilities;
  export actions;
  export event-handler;
  export lifecycle;
}
`
