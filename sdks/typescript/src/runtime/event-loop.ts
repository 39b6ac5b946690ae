// A guest of a synchronous component has no event loop of its own: `invoke` must have its answer when it returns. So the
// jobs of promises wait here, and the entry point runs them until nothing is left to do.

type Job = () => void

let jobs: Job[] = []
let idle: Job[] = []

/** Runs `job` after the ones that are waiting, as a promise's reaction does. */
export function enqueueJob(job: Job): void {
  jobs.push(job)
}

/** Runs `job` once all jobs are done: requests and timers, which the rest of a turn should come before. */
export function onIdle(job: Job): void {
  idle.push(job)
}

/** Runs until nothing is left to do. A job must not throw. */
export function drain(): void {
  for (;;) {
    runJobs()
    const next = idle.shift()
    if (next === undefined) return
    next()
  }
}

function runJobs(): void {
  while (jobs.length > 0) {
    const turn = jobs
    jobs = []
    for (const job of turn) job()
  }
}

/** Forgets what a call left behind, so that the next one on the same instance begins clean. */
export function clearJobs(): void {
  jobs = []
  idle = []
}
