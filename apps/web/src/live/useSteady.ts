'use client';
import { useEffect, useRef, useState } from 'react';

/**
 * A value that changes at most once per `intervalMs`: at once after a pause, else at the end of the interval with the
 * newest. Spares drawing what nobody could tell apart. A new `key` takes its value at once.
 */
export function useSteady<Value>(value: Value, intervalMs: number, key: string): Value {
  const [shown, setShown] = useState({ value, key });
  const shownAtMs = useRef(0);
  useEffect(() => {
    const waitMs = shown.key === key ? Math.max(0, shownAtMs.current + intervalMs - performance.now()) : 0;
    const timer = setTimeout(() => {
      shownAtMs.current = performance.now();
      setShown({ value, key });
    }, waitMs);
    return () => clearTimeout(timer);
  }, [value, key, intervalMs, shown.key]);
  return shown.key === key ? shown.value : value;
}
