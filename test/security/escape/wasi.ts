// Text of guests of WASI: what they import, beside a memory that both halves see.

/** The types of `wasi:filesystem/types` that a guest needs to open files, with what `more` adds. */
export const FILESYSTEM = `
  (import "wasi:io/streams@0.2.0" (instance $streams (export "input-stream" (type (sub resource)))))
  (alias export $streams "input-stream" (type $stream))
  (import "wasi:filesystem/types@0.2.0" (instance $files
    (export "descriptor" (type $d (sub resource)))
    (alias outer 1 $stream (type $s'))
    (export "input-stream" (type $s (eq $s')))
    (type $code' (enum "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota" "exist" "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io" "is-directory" "loop" "too-many-links" "message-size" "name-too-long" "no-device" "no-entry" "no-lock" "insufficient-memory" "insufficient-space" "not-directory" "not-empty" "not-recoverable" "unsupported" "no-tty" "no-such-device" "overflow" "not-permitted" "pipe" "read-only" "invalid-seek" "text-file-busy" "cross-device"))
    (export "error-code" (type $code (eq $code')))
    (type $path' (flags "symlink-follow"))
    (export "path-flags" (type $path (eq $path')))
    (type $open' (flags "create" "directory" "exclusive" "truncate"))
    (export "open-flags" (type $open (eq $open')))
    (type $flags' (flags "read" "write" "file-integrity-sync" "data-integrity-sync" "requested-write-sync" "mutate-directory"))
    (export "descriptor-flags" (type $flags (eq $flags')))
    (export "[method]descriptor.open-at" (func (param "self" (borrow $d)) (param "path-flags" $path) (param "path" string) (param "open-flags" $open) (param "flags" $flags) (result (result (own $d) (error $code)))))
    (export "[method]descriptor.read-via-stream" (func (param "self" (borrow $d)) (param "offset" u64) (result (result (own $s) (error $code)))))))
  (alias export $files "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
    (alias outer 1 $descriptor (type $d'))
    (export "descriptor" (type $d (eq $d')))
    (export "get-directories" (func (result (list (tuple (own $d) string)))))))
  (core func $open (canon lower (func $files "[method]descriptor.open-at") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $read (canon lower (func $files "[method]descriptor.read-via-stream") (memory (core memory $memory "memory"))))
  (core func $roots (canon lower (func $preopens "get-directories") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $close (canon resource.drop $descriptor))`
