import { randomUUID } from 'node:crypto';
import { decodeRawEvent, RawEventView } from '@ebap/pipeline/contracts';
import { expect } from 'vitest';

export interface Answer {
  readonly accepted: number;
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly message: string }[];
  readonly code: string;
  readonly position: number;
}

/** The body of an answer to `/v1/events`. */
export const answerOf = async (response: Response): Promise<Answer> => (await response.json()) as Answer;

/** A sound event; `over` says what is different. */
export function event(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: randomUUID(),
    user_id: 'u-1',
    action: 'purchase',
    timestamp: new Date().toISOString(),
    location: '50.11,8.68',
    metadata: { amount: '74.90', currency: 'eur', platform: 'iOS', item_id: 'sku-1', campaign: 'autumn' },
    ...over,
  };
}

/** Events as they lie on the log. */
export function decodeAll(values: readonly (Uint8Array | null | undefined)[]): RawEventView[] {
  return values.map((value) => {
    const view = new RawEventView();
    const bytes = Uint8Array.from(value ?? []);
    expect(decodeRawEvent(bytes, 5, bytes.length, view)).toBe('ok');
    return view;
  });
}

export const textOf = (view: RawEventView, start: number, end: number) =>
  Buffer.from(view.bytes.subarray(start, end)).toString('utf8');
