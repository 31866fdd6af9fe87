const LOOK_MS = 1_000;

/** Calls `onGone` once when the process that started this one is no more. Returns how to stop watching. */
export function watchParent(onGone: () => void): () => void {
  const parent = process.ppid;
  const end = (): void => {
    stop();
    onGone();
  };
  // An orphan is adopted: its parent changes.
  const timer = setInterval(() => {
    if (process.ppid !== parent) end();
  }, LOOK_MS);
  timer.unref();
  const stop = (): void => {
    clearInterval(timer);
    process.off('disconnect', end);
  };
  process.on('disconnect', end);
  return stop;
}
