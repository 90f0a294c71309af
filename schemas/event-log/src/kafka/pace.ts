/**
 * The least time from one request of a kind to the next, in milliseconds. Who is alone never waits for it; under load more
 * records share a request, each of which costs broker and client as much as some hundred records do.
 */
const PACE_MS = 3

/** How long to wait until the next request may start, in whole milliseconds. */
export const paceLeftMs = (lastStartedMs: number): number => Math.max(0, Math.ceil(PACE_MS - (performance.now() - lastStartedMs)))
