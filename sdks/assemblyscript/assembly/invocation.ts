import { takeStringAt } from "./abi";

// @ts-ignore
@external("morphee:extension/invocation@0.9.0", "id")
declare function hostId(result: usize): void;
// @ts-ignore
@external("morphee:extension/invocation@0.9.0", "caller")
declare function hostCaller(result: usize): void;
// @ts-ignore
@external("morphee:extension/invocation@0.9.0", "locale")
declare function hostLocale(result: usize): void;
// @ts-ignore
@external("morphee:extension/invocation@0.9.0", "time-zone")
declare function hostTimeZone(result: usize): void;
// @ts-ignore
@external("morphee:extension/invocation@0.9.0", "remaining-ms")
declare function hostRemainingMs(): u64;
// @ts-ignore
@external("morphee:extension/invocation@0.9.0", "progress")
declare function hostProgress(has: i32, fraction: f32, pointer: usize, length: usize): void;

const area = memory.data(8, 4);

/** This call: who asked, in which language, and how much time is left. */
export namespace invocation {
  /** Names the call in the audit trail and in every log line of it. */
  export function id(): string {
    hostId(area);
    return takeStringAt(area);
  }
  /** `person`, `agent`, `schedule`, `event` or `webhook`. */
  export function caller(): string {
    hostCaller(area);
    return takeStringAt(area);
  }
  /** BCP 47 language tag of who asked. */
  export function locale(): string {
    hostLocale(area);
    return takeStringAt(area);
  }
  /** IANA time zone of who asked. */
  export function timeZone(): string {
    hostTimeZone(area);
    return takeStringAt(area);
  }
  /** Milliseconds until the host gives up on this call. */
  export function remainingMs(): u64 {
    return hostRemainingMs();
  }
  /** Shown to whoever waits; a negative `fraction` means that the end is not in sight. */
  export function progress(message: string, fraction: f32 = -1): void {
    hostProgress(fraction < 0 ? 0 : 1, fraction, changetype<usize>(message), <usize>message.length);
  }
}
