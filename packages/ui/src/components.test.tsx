import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import {
  BigNumber,
  BigNumberRow,
  Button,
  Chip,
  ConnectionDot,
  DataTable,
  EventFeed,
  FilterBar,
  IconButton,
  Panel,
  type PanelState,
  Segmented,
  SourceBadge,
  Stamp,
  StateGlyph,
  TimeRangePicker,
  ToastProvider,
} from './index.ts';

const nothing = () => undefined;
const html = (node: ReactNode) => renderToStaticMarkup(node);

function panel(
  state: PanelState,
  options: { readonly isTable?: boolean; readonly isFullScreen?: boolean } = {},
): string {
  return html(
    <ToastProvider>
      <Panel
        id="orders"
        title="Orders"
        source={{ path: 'Live', engine: 'LMDB' }}
        state={state}
        asOfMs={0}
        staleAfterMs={15_000}
        view={{ isTable: options.isTable ?? false, isFullScreen: options.isFullScreen ?? false }}
        onViewChange={nothing}
        shareUrl={() => ''}
        table={() => ({
          caption: 'Orders',
          columns: [{ key: 'a', title: 'Amount', align: 'end' }],
          rows: [{ key: '1', cells: [{ value: 7, text: 'seven' }] }],
        })}
      >
        <p>the chart</p>
      </Panel>
    </ToastProvider>,
  );
}

describe('panel', () => {
  it('shows its content, source and title when ready', () => {
    const markup = panel({ kind: 'ready' });
    expect(markup).toContain('the chart');
    expect(markup).toContain('Live · LMDB');
    expect(markup).toContain('aria-labelledby="orders-title"');
  });

  it('keeps its content when a refresh fails, and says so', () => {
    const markup = panel({
      kind: 'ready',
      problem: { message: 'The store is away. The last data is kept.', onRetry: nothing },
    });
    expect(markup).toContain('the chart');
    expect(markup).toContain('The last data is kept.');
  });

  it.each([
    ['loading', { kind: 'loading' }, 'aria-busy="true"'],
    ['empty', { kind: 'empty', title: 'No events', hint: 'Send one.' }, 'Send one.'],
    ['forbidden', { kind: 'forbidden', hint: 'Ask an admin.' }, 'Not for your role'],
    [
      'error',
      { kind: 'error', error: { message: 'No answer.', details: 'live: timeout', onRetry: nothing } },
      'live: timeout',
    ],
  ] satisfies readonly (readonly [string, PanelState, string])[])(
    '%s stands in place of the content',
    (_, state, text) => {
      const markup = panel(state);
      expect(markup).toContain(text);
      expect(markup).not.toContain('the chart');
    },
  );

  it('shows the same data as a table', () => {
    expect(panel({ kind: 'ready' }, { isTable: true })).toContain('seven');
  });

  it('offers the way back from full screen', () => {
    expect(panel({ kind: 'ready' }, { isFullScreen: true })).toContain('Leave full screen');
  });
});

describe('text of producers', () => {
  const evil = '<img src=x onerror=alert(1)>';

  it('is text in tables and messages', () => {
    const data = {
      caption: 'x',
      columns: [{ key: 'a', title: 'A', isSecondary: true, isGrowing: true, isMono: true }],
      rows: [{ key: '1', cells: [{ value: evil, text: evil }] }],
    };
    const markup = html(
      <DataTable data={data} onOpenRow={nothing} selectedKey="1" initialSort={{ column: 0, direction: 'ascending' }} />,
    );
    expect(markup).toContain('&lt;img');
    expect(markup).not.toContain('<img');
    expect(markup).toContain('aria-sort="ascending"');
  });

  it('is text in the feed', () => {
    const row = {
      key: '1',
      icon: 'cart' as const,
      time: '14:32',
      action: 'Cart',
      subject: evil,
      amount: evil,
      place: evil,
      isLate: true,
      details: [{ name: 'id', value: evil }],
    };
    const markup = html(
      <EventFeed rows={[row]} label="Events" waiting={3} onShowWaiting={nothing} onReadingChange={nothing} />,
    );
    expect(markup).not.toContain('<img');
    expect(markup).toContain('3 newer');
  });
});

describe('controls and signs', () => {
  it('every control has words', () => {
    expect(html(<IconButton icon="close" label="Dismiss" />)).toContain('aria-label="Dismiss"');
    expect(
      html(
        <Button icon="refresh" variant="primary" size="large">
          Retry
        </Button>,
      ),
    ).toContain('Retry');
    expect(html(<Chip name="region" value="eu-west-1" onRemove={nothing} />)).toContain('Remove filter region');
    expect(
      html(<Segmented label="Platform" options={[{ value: 'a', label: 'All' }]} value="a" onChange={nothing} />),
    ).toContain('data-state="on"');
  });

  it('filters in force are chips, and there is a way to more', () => {
    const markup = html(
      <FilterBar
        hotKey="f"
        dimensions={[
          {
            key: 'action',
            label: 'action',
            options: [{ value: 'cart', label: 'Cart' }],
            selected: ['cart'],
            onChange: nothing,
          },
        ]}
      />,
    );
    expect(markup).toContain('<b>Cart</b>');
    expect(markup).toContain('Add a filter');
  });

  it('a state is a glyph and a word', () => {
    for (const [state, word] of [
      ['normal', 'Normal'],
      ['pending', 'Pending'],
      ['firing', 'Firing'],
      ['nodata', 'No data'],
    ] as const) {
      expect(html(<StateGlyph state={state} />)).toMatch(new RegExp(`<svg.*</svg>${word}`));
    }
    expect(
      html(
        <StateGlyph state="normal" isQuiet>
          running
        </StateGlyph>,
      ),
    ).toContain('running');
  });

  it('the connection is a word, not only a dot', () => {
    for (const [kind, word] of [
      ['live', 'Live'],
      ['reconnecting', 'Reconnecting'],
      ['paused', 'Paused'],
    ] as const)
      expect(html(<ConnectionDot status={{ kind, detail: '1 s behind' }} />)).toContain(word);
  });

  it('a stamp is a machine-readable time; its age appears in the browser', () => {
    expect(html(<Stamp asOfMs={0} />)).toContain('dateTime="1970-01-01T00:00:00.000Z"');
    expect(html(<SourceBadge source={{ path: 'Trends', engine: 'Trino' }} />)).toContain('Trends · Trino');
  });

  it('big numbers carry unit, span and trend', () => {
    const markup = html(
      <BigNumberRow columns={1}>
        <BigNumber label="Sales" value="€137.2k" unit="per min" note="last 10 s" help="Purchases" trend={[1, 2]} />
      </BigNumberRow>,
    );
    for (const text of ['Sales', '€137.2k', 'per min', 'last 10 s']) expect(markup).toContain(text);
  });

  it('the range says itself and its zone', () => {
    const markup = html(
      <TimeRangePicker
        range={{ kind: 'trailing', trailingMs: 10_800_000 }}
        shown={{ fromMs: Date.UTC(2026, 10, 27, 9), toMs: Date.UTC(2026, 10, 27, 12) }}
        presets={[]}
        zone="Europe/Berlin"
        zones={['UTC']}
        earliestMs={0}
        onChange={nothing}
        onZoneChange={nothing}
      />,
    );
    for (const text of ['Last 3 hours', 'Fri 27 Nov, 10:00 – 13:00', 'CET, UTC+1']) expect(markup).toContain(text);
  });
});
