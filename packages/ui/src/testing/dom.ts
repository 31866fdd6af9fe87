import { act, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, vi } from 'vitest';

const WIDTH_PX = 640;
const HEIGHT_PX = 240;
let root: ReturnType<typeof createRoot>;
let host: HTMLElement;

/** Call at the top of a test file: a page per test, with a size, as this DOM lays nothing out. */
export function useTestPage(): void {
  beforeEach(() => {
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(WIDTH_PX);
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(HEIGHT_PX);
    HTMLElement.prototype.setPointerCapture = () => undefined;
    document.documentElement.dataset.theme = 'dark';
    host = document.body.appendChild(document.createElement('div'));
    root = createRoot(host);
  });

  afterEach(() => {
    act(() => root.unmount());
    host.remove();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}

export const show = (node: ReactNode) => act(() => root.render(node));
export const $ = (selector: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
};
export const click = (element: Element) =>
  act(() => void element.dispatchEvent(new MouseEvent('click', { bubbles: true })));
export const key = (element: Element, name: string, init: KeyboardEventInit = {}) =>
  act(
    () =>
      void element.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...init })),
  );
export const pointer = (element: Element, type: string, clientX: number, pointerType = 'mouse') =>
  act(
    () =>
      void element.dispatchEvent(
        new PointerEvent(type, { bubbles: true, clientX, button: 0, pointerId: 1, pointerType }),
      ),
  );
export const byText = (text: string): HTMLElement => {
  const found = [...document.querySelectorAll<HTMLElement>('button, [role="option"], [role^="menuitem"]')].find((one) =>
    one.textContent?.includes(text),
  );
  if (!found) throw new Error(`no control says ${text}`);
  return found;
};
