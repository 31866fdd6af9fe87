'use client';
import { Popover } from 'radix-ui';
import { type FormEvent, useState } from 'react';
import { Button } from '../controls/Button.tsx';
import { VisuallyHidden } from '../controls/Chip.tsx';
import { formatDuration } from '../format/duration.ts';
import { formatSpan, zoneLabel } from '../format/time.ts';
import { Icon } from '../icons/Icon.tsx';
import css from './timeRange.module.css';
import { fromZonedInput, toZonedInput } from './zonedInput.ts';

/** A range that follows now, or one that stands still. */
export type TimeRange =
  | { readonly kind: 'trailing'; readonly trailingMs: number }
  | { readonly kind: 'fixed'; readonly fromMs: number; readonly toMs: number };

export interface TimeRangePickerProps {
  /** Null before the page has one. */
  readonly range: TimeRange | null;
  /** The stretch shown now; null before the page knows the time. */
  readonly shown: { readonly fromMs: number; readonly toMs: number } | null;
  readonly presets: readonly { readonly trailingMs: number; readonly label: string }[];
  /** IANA zone of every time on the page. */
  readonly zone: string;
  readonly zones: readonly string[];
  /** The earliest moment that can be shown. */
  readonly earliestMs: number;
  readonly onChange: (range: TimeRange) => void;
  readonly onZoneChange: (zone: string) => void;
}

/** The page's range and zone: says both, and changes both. */
export function TimeRangePicker(props: TimeRangePickerProps) {
  const { range, shown, zone } = props;
  const [isOpen, setIsOpen] = useState(false);
  const title = rangeTitle(range);
  return (
    <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
      <Popover.Trigger className={css.trigger}>
        <Icon name="calendar" />
        <VisuallyHidden>Time range: </VisuallyHidden>
        <span style={{ minWidth: 0 }}>
          <b>{title}</b>
          <small>{shown ? formatSpan(shown.fromMs, shown.toMs, zone) : '\u00a0'}</small>
        </span>
        {shown && <span className={css.zone}>{zoneLabel(shown.toMs, zone)}</span>}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={css.popover}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Time range"
        >
          <RangeForm {...props} onDone={() => setIsOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function rangeTitle(range: TimeRange | null): string {
  if (range === null) return '\u00a0';
  return range.kind === 'trailing' ? `Last ${rangeWords(range.trailingMs)}` : 'Fixed range';
}

/** `3 hours`, `15 minutes`. */
export function rangeWords(durationMs: number): string {
  const hours = durationMs / 3_600_000;
  if (Number.isInteger(hours)) return hours === 1 ? 'hour' : `${hours} hours`;
  const minutes = durationMs / 60_000;
  return Number.isInteger(minutes) ? `${minutes} minutes` : formatDuration(durationMs);
}

function RangeForm(props: TimeRangePickerProps & { readonly onDone: () => void }) {
  const { range, shown, zone, presets, zones, earliestMs, onChange, onZoneChange, onDone } = props;
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const fromMs = fromZonedInput(String(form.get('from')), zone);
    const toMs = fromZonedInput(String(form.get('to')), zone);
    if (fromMs === null || toMs === null) return setProblem('Give both a start and an end.');
    if (toMs <= fromMs) return setProblem('The end must be after the start.');
    if (toMs <= earliestMs) return setProblem('Live keeps 24 hours; this range is older.');
    onChange({ kind: 'fixed', fromMs: Math.max(fromMs, earliestMs), toMs });
    onDone();
  };
  return (
    <>
      <div className={css.presets}>
        {presets.map((preset) => (
          <button
            key={preset.trailingMs}
            type="button"
            className={css.preset}
            aria-pressed={range?.kind === 'trailing' && range.trailingMs === preset.trailingMs}
            onClick={() => {
              onChange({ kind: 'trailing', trailingMs: preset.trailingMs });
              onDone();
            }}
          >
            {preset.label}
          </button>
        ))}
      </div>
      <form className={css.fields} onSubmit={submit} key={zone}>
        <label>
          From
          <input
            className={css.input}
            type="datetime-local"
            name="from"
            defaultValue={shown ? toZonedInput(shown.fromMs, zone) : ''}
          />
        </label>
        <label>
          To
          <input
            className={css.input}
            type="datetime-local"
            name="to"
            defaultValue={shown ? toZonedInput(shown.toMs, zone) : ''}
          />
        </label>
        {problem && (
          <p className={css.problem} role="alert">
            {problem}
          </p>
        )}
        <label className={css.wide}>
          Time zone
          <select className={css.input} value={zone} onChange={(event) => onZoneChange(event.target.value)}>
            {zones.map((name) => (
              <option key={name} value={name}>
                {name.replaceAll('_', ' ')}
              </option>
            ))}
          </select>
        </label>
        <div className={`${css.foot} ${css.wide}`}>
          <Button type="submit" variant="primary">
            Show this range
          </Button>
        </div>
      </form>
    </>
  );
}
