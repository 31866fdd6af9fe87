// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest';
import { DataTable, EventFeed, type FeedRow } from './index.ts';
import { $, byText, click, show, useTestPage } from './testing/dom.ts';

useTestPage();

describe('feed', () => {
  const rows = Array.from(
    { length: 500 },
    (_, index): FeedRow => ({
      key: String(index),
      icon: 'view',
      time: '12:00',
      action: 'View',
      subject: `item ${index}`,
      amount: '',
      place: 'Web',
      isLate: false,
      details: [{ name: 'offset', value: `0/${index}`, isMono: true }],
    }),
  );

  it('holds only the rows in sight, and opens one in place', () => {
    const onReadingChange = vi.fn();
    show(
      <EventFeed
        rows={rows}
        label="Events"
        waiting={0}
        onShowWaiting={() => undefined}
        onReadingChange={onReadingChange}
      />,
    );
    expect(document.querySelectorAll('li').length).toBeLessThan(40);
    click($('li button'));
    expect($('dl').textContent).toContain('0/0');
    expect(onReadingChange).toHaveBeenLastCalledWith(true);
    click($('li button'));
    expect(onReadingChange).toHaveBeenLastCalledWith(false);
  });

  it('shows what waits when asked', () => {
    const onShowWaiting = vi.fn();
    show(
      <EventFeed
        rows={rows}
        label="Events"
        waiting={7}
        onShowWaiting={onShowWaiting}
        onReadingChange={() => undefined}
      />,
    );
    click(byText('7 newer'));
    expect(onShowWaiting).toHaveBeenCalledOnce();
  });
});

describe('table', () => {
  const data = {
    caption: 'Regions',
    columns: [
      { key: 'name', title: 'Region' },
      { key: 'rate', title: 'Rate', align: 'end' as const },
    ],
    rows: [
      ['a', 1],
      ['b', 3],
      ['c', 2],
    ].map(([name, rate]) => ({
      key: String(name),
      cells: [
        { value: name ?? null, text: String(name) },
        { value: rate ?? null, text: String(rate) },
      ],
    })),
  };
  const order = () => [...document.querySelectorAll('tbody tr')].map((row) => row.firstChild?.textContent).join('');

  it('sorts numbers downwards first, then turns round; words upwards', () => {
    show(<DataTable data={data} />);
    click(byText('Rate'));
    expect(order()).toBe('bca');
    click(byText('Rate'));
    expect(order()).toBe('acb');
    click(byText('Region'));
    expect(order()).toBe('abc');
  });

  it('opens a row by its first cell', () => {
    const onOpenRow = vi.fn();
    show(<DataTable data={data} onOpenRow={onOpenRow} />);
    click($('tbody button'));
    expect(onOpenRow).toHaveBeenCalledExactlyOnceWith('a');
  });
});
