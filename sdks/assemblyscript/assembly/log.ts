// @ts-ignore
@external("morphee:extension/log@0.9.0", "write")
declare function write(level: i32, pointer: usize, length: usize): void;

function line(level: i32, message: string): void {
  write(level, changetype<usize>(message), <usize>message.length);
}

/** Log lines, kept with the invocation. Never put a secret there. */
export namespace log {
  export function debug(message: string): void {
    line(0, message);
  }
  export function info(message: string): void {
    line(1, message);
  }
  export function warn(message: string): void {
    line(2, message);
  }
  export function error(message: string): void {
    line(3, message);
  }
}
