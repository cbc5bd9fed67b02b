/** A stream of server-sent events that all tabs of a browser share, since a browser opens only a few lines to one server. */

export interface Ears {
  heard(kind: string, data: string): void;
  /** The line is up. Unless it was resumed, anything may have happened before. */
  opened(resumed: boolean): void;
  broke(): void;
  /** The server does not want to tell any more; it is asked again in a while. */
  refused(): void;
}

type Told =
  | { type: "heard"; kind: string; data: string }
  | { type: "opened"; resumed: boolean }
  | { type: "broke" }
  | { type: "refused" }
  | { type: "is it up?" };

const FIRST = 1_000;
const LONGEST = 15_000;
const TICK = 10_000;
/** A clock that jumps this far shows that the machine slept, and a line from before may be dead without a word. */
const SLEPT = 150_000;

/** Listen; the answer ends it. */
export function shareStream(address: string, kinds: readonly string[], ears: Ears): () => void {
  const end = new AbortController();
  const others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(address);
  let up: boolean | null = null;
  let leads = false;
  const take = (told: Told) => {
    if (told.type === "heard") ears.heard(told.kind, told.data);
    else if (told.type === "opened") {
      // Whoever only joins what another tab has open has not lost anything.
      if (up !== true || !told.resumed) ears.opened(told.resumed);
      up = true;
    } else if (told.type === "broke") {
      up = false;
      ears.broke();
    } else if (told.type === "refused") ears.refused();
  };
  const tell = (told: Told) => {
    take(told);
    others?.postMessage(told);
  };
  if (others) {
    others.onmessage = ({ data }: MessageEvent<Told>) => {
      if (data.type !== "is it up?") take(data);
      else if (leads && up === true) others.postMessage({ type: "opened", resumed: true } satisfies Told);
    };
    others.postMessage({ type: "is it up?" } satisfies Told);
  }
  const lead = () => {
    if (end.signal.aborted) return Promise.resolve();
    leads = true;
    return hold(address, kinds, tell, end.signal);
  };
  // Locks are there only over HTTPS and on this machine; without them each tab has its own stream.
  if (others && navigator.locks) {
    navigator.locks.request(address, { signal: end.signal }, lead).catch((error: unknown) => {
      if (!end.signal.aborted) throw error;
    });
  } else lead();
  return () => {
    end.abort();
    others?.close();
  };
}

/** Holds a stream open until the signal ends it. */
function hold(
  address: string,
  kinds: readonly string[],
  tell: (told: Told) => void,
  end: AbortSignal,
): Promise<void> {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST;
  let ticked = Date.now();
  const open = () => {
    clearTimeout(timer);
    source?.close();
    let before = false;
    const mine = new EventSource(address);
    source = mine;
    for (const kind of kinds) {
      mine.addEventListener(kind, ({ data }: MessageEvent<string>) => tell({ type: "heard", kind, data }));
    }
    mine.onopen = () => {
      // The browser itself goes on from the last event that it has heard on this line.
      tell({ type: "opened", resumed: before });
      before = true;
      wait = FIRST;
    };
    mine.onerror = () => {
      tell({ type: "broke" });
      if (mine.readyState !== EventSource.CLOSED) return;
      tell({ type: "refused" });
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST);
    };
  };
  const offline = () => tell({ type: "broke" });
  const watch = setInterval(() => {
    const now = Date.now();
    if (now - ticked > SLEPT) {
      tell({ type: "broke" });
      open();
    }
    ticked = now;
  }, TICK);
  window.addEventListener("offline", offline);
  window.addEventListener("online", open);
  open();
  return new Promise((done) => {
    end.addEventListener("abort", () => {
      clearTimeout(timer);
      clearInterval(watch);
      window.removeEventListener("offline", offline);
      window.removeEventListener("online", open);
      source?.close();
      done();
    });
  });
}
