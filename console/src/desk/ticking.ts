/** Ticks in a worker: browsers slow the timers of tabs that nobody looks at, and a heartbeat must not be late. */

const EVERY = 15_000;

setInterval(() => self.postMessage("tick"), EVERY);
