import { log } from "./log";

/** Takes the place of the compiler's `abort`: says in the log what went wrong and where, then traps. */
export function abortCall(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? "The extension aborted" : message;
  const where = file === null ? "" : " at " + file + ":" + line.toString() + ":" + column.toString();
  log.error(what + where);
  unreachable();
}
