// The other half of the glue that the transform writes: one call from the host's strings to its result.
import { putStringAt, takeString } from "./abi";
import { Failure, putFailureAt, takeFailed } from "./failure";

export { fail } from "./failure";
export { reallocate, takeString } from "./abi";

const area = memory.data(40, 4);

// What the host reads after `invoke` returned lives until it says it is done.
let output: string = "";
let failure: Failure | null = null;

/** Whether the action that just ran ended with a failure; it is kept for {@link finish}. */
export function hasFailed(): bool {
  failure = takeFailed();
  return failure !== null;
}

/** Writes the result where the host reads it. */
export function finish(text: string): usize {
  const failed = failure;
  if (failed === null) {
    output = text;
    store<u8>(area, 0);
    putStringAt(area + 4, output);
  } else {
    store<u8>(area, 1);
    putFailureAt(area + 4, failed);
  }
  return area;
}

/** The host has read the result: nothing on its way is managed memory any more, so this is the time to collect. */
export function afterInvoke(result: usize): void {
  output = "";
  failure = null;
  __collect();
}
