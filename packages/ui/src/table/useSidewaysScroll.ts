import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

/** Whether a scrolling element has more to show beyond its left and right edge. */
export interface Beyond {
  readonly before: boolean;
  readonly after: boolean;
}

const NOTHING: Beyond = { before: false, after: false };
/** Positions are rounded when the browser zooms, px. */
const SLACK_PX = 2;

/** Watches what a scrolling element hides at its sides, as it is scrolled and as it or its content changes size. */
export function useSidewaysScroll(): readonly [RefObject<HTMLElement | null>, Beyond] {
  const ref = useRef<HTMLElement>(null);
  const [beyond, setBeyond] = useState(NOTHING);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const { scrollLeft, scrollWidth, clientWidth } = element;
      const before = scrollLeft > SLACK_PX;
      const after = scrollLeft + clientWidth < scrollWidth - SLACK_PX;
      setBeyond((last) => (last.before === before && last.after === after ? last : { before, after }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);
  return [ref, beyond];
}
