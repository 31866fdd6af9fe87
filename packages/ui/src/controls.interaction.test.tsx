// @vitest-environment happy-dom
import { act } from 'react';
import { describe, expect, it, vi } from 'vitest';
import {
  CommandPalette,
  Drawer,
  FilterBar,
  Panel,
  type PanelView,
  Segmented,
  TimeRangePicker,
  ToastProvider,
  useNowMs,
  useThemeChoice,
} from './index.ts';
import { $, byText, click, key, show, useTestPage } from './testing/dom.ts';

useTestPage();

describe('panel menu', () => {
  const panel = (view: PanelView, onViewChange: (view: PanelView) => void) => (
    <ToastProvider>
      <Panel
        id="p"
        title="Orders"
        source={{ path: 'Live', engine: 'LMDB' }}
        state={{ kind: 'ready' }}
        asOfMs={Date.now()}
        help="What it means"
        view={view}
        onViewChange={onViewChange}
        shareUrl={() => 'https://example.org/?panel=p'}
        table={() => ({ caption: 'Orders', columns: [], rows: [] })}
      >
        content
      </Panel>
    </ToastProvider>
  );
  const open = () => key($('[aria-label="Orders: menu"]'), 'Enter');
  const normal = { isFullScreen: false, isTable: false };

  it('switches to full screen and table', () => {
    const onViewChange = vi.fn();
    show(panel(normal, onViewChange));
    open();
    click(byText('Full screen'));
    open();
    click(byText('Show as a table'));
    expect(onViewChange.mock.calls.map(([view]) => view)).toEqual([
      { isFullScreen: true, isTable: false },
      { isFullScreen: false, isTable: true },
    ]);
  });

  it('Escape leaves full screen, and does nothing where another layer took it or no panel fills the screen', () => {
    const onViewChange = vi.fn();
    const pressEscape = () => key(document.body, 'Escape');
    show(panel(normal, onViewChange));
    pressEscape();
    const takeIt = (event: Event) => event.preventDefault();
    document.addEventListener('keydown', takeIt, { capture: true });
    show(panel({ isFullScreen: true, isTable: false }, onViewChange));
    pressEscape();
    document.removeEventListener('keydown', takeIt, { capture: true });
    expect(onViewChange).not.toHaveBeenCalled();
    pressEscape();
    expect(onViewChange).toHaveBeenCalledExactlyOnceWith(normal);
  });

  it('saves CSV and copies a link', async () => {
    const saved: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(this.download);
    });
    const writeText = vi.fn(async () => undefined);
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
    show(panel(normal, () => undefined));
    open();
    click(byText('Save as CSV'));
    open();
    click(byText('Copy link'));
    await act(async () => undefined);
    expect(saved).toEqual(['orders.csv']);
    expect(writeText).toHaveBeenCalledWith('https://example.org/?panel=p');
    expect(document.body.textContent).toContain('Link copied');
  });
});

describe('controls', () => {
  it('Ctrl K toggles the palette; Enter runs the best match', () => {
    const onOpenChange = vi.fn();
    const run = vi.fn();
    const commands = [
      { id: '1', group: 'Go to', label: 'Live', icon: 'live' as const, run: () => undefined },
      { id: '2', group: 'Go to', label: 'Pipeline', icon: 'pipeline' as const, run },
    ];
    show(<CommandPalette isOpen onOpenChange={onOpenChange} commands={commands} />);
    key(document.body, 'k', { ctrlKey: true });
    expect(onOpenChange).toHaveBeenLastCalledWith(false);
    key($('input'), 'ArrowDown');
    expect($('[aria-selected="true"]').textContent).toContain('Pipeline');
    key($('input'), 'Enter');
    expect(run).toHaveBeenCalledOnce();
  });

  it('a segment is always chosen', () => {
    const onChange = vi.fn();
    show(
      <Segmented
        label="x"
        options={[
          { value: 'a', label: 'A' },
          { value: 'b', label: 'B' },
        ]}
        value="a"
        onChange={onChange}
      />,
    );
    click(byText('A'));
    click(byText('B'));
    expect(onChange.mock.calls).toEqual([['b']]);
  });

  it('filters are chosen, and taken away, one by one', () => {
    const onChange = vi.fn();
    const bar = (selected: readonly string[]) => (
      <FilterBar
        hotKey="f"
        dimensions={[
          {
            key: 'a',
            label: 'action',
            options: [
              { value: 'cart', label: 'Cart' },
              { value: 'view', label: 'View' },
            ],
            selected,
            onChange,
          },
        ]}
      />
    );
    show(bar(['cart']));
    key(document.body, 'f');
    click(byText('View'));
    click(byText('Cart'));
    click($('[aria-label="Remove filter action"]'));
    expect(onChange.mock.calls.map(([selected]) => selected)).toEqual([['cart', 'view'], [], []]);
  });

  it('a range is one of the offered, or typed in the page’s zone', () => {
    const onChange = vi.fn();
    show(
      <TimeRangePicker
        range={{ kind: 'trailing', trailingMs: 3_600_000 }}
        shown={{ fromMs: Date.UTC(2026, 0, 1, 9), toMs: Date.UTC(2026, 0, 1, 10) }}
        presets={[{ trailingMs: 900_000, label: 'Last 15 minutes' }]}
        zone="UTC"
        zones={['UTC', 'Asia/Kolkata']}
        earliestMs={0}
        onChange={onChange}
        onZoneChange={() => undefined}
      />,
    );
    click(byText('Last hour'));
    act(() => void $('form').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
    expect(onChange).toHaveBeenLastCalledWith({
      kind: 'fixed',
      fromMs: Date.UTC(2026, 0, 1, 9),
      toMs: Date.UTC(2026, 0, 1, 10),
    });
    click(byText('Last hour'));
    click(byText('Last 15 minutes'));
    expect(onChange).toHaveBeenLastCalledWith({ kind: 'trailing', trailingMs: 900_000 });
  });

  it('a drawer closes by Escape', () => {
    const onClose = vi.fn();
    show(
      <Drawer title="Letters" isOpen onClose={onClose}>
        text
      </Drawer>,
    );
    key($('[role="dialog"]'), 'Escape');
    expect(onClose).toHaveBeenCalledOnce();
  });

  it('the clock ticks once a second for everyone', () => {
    vi.useFakeTimers({ now: 10_000 });
    const Clock = () => <b>{useNowMs()}</b>;
    show(<Clock />);
    act(() => void vi.advanceTimersByTime(2_000));
    expect($('b').textContent).toBe('12000');
    vi.useRealTimers();
  });

  it('a theme holds, and can follow the device again', () => {
    let choose: ReturnType<typeof useThemeChoice>[1] = () => undefined;
    const Theme = () => {
      const [choice, set] = useThemeChoice();
      choose = set;
      return <b>{choice}</b>;
    };
    show(<Theme />);
    act(() => choose('light'));
    expect([document.documentElement.dataset.theme, document.cookie]).toEqual(['light', 'ebap-theme=light']);
    act(() => choose('system'));
    expect(document.cookie).not.toMatch(/light|dark/);
  });
});
