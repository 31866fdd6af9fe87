import { encodeRawEvent, eventKey, partitionFor, type RawEvent, TOPICS } from '@ebap/pipeline/contracts';
import type { AppendRecord } from '@ebap/pipeline/ports';
import { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimLog } from './simLog.ts';

/** What happens outside the workers in one simulation. All times in ms. */
export interface WorkloadPlan {
  readonly seed: number;
  readonly partitions: number;
  readonly users: number;
  readonly events: number;
  readonly durationMs: number;
}

export const RAW_EVENT_SCHEMA_ID = 1;
const utf8 = new TextEncoder();
const MINUTE = 60_000;
const WORKSPACES = ['meridian', 'acme'] as const;
const TIERS = ['free', 'silver', 'gold', 'platinum'];
const CURRENCIES = ['EUR', 'USD', 'JPY', 'GBP'];
const LOCATIONS = [
  'us-east-1',
  'IRELAND',
  '38.9,-77.5',
  '53.3,-6.2',
  '1.35,103.8',
  '-23.5,-46.6',
  '19.1,72.9',
  '',
  'atlantis',
  '91,0',
  '48.85,2.35',
];

/** Producers, the users database and the reference tables, appending to the log as time passes. */
export class Workload {
  readonly #plan: WorkloadPlan;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #log: SimLog;
  readonly #sent: { readonly event: RawEvent; readonly partition: number }[] = [];
  #lsn = 1;

  constructor(plan: WorkloadPlan, scheduler: Scheduler, log: SimLog) {
    this.#plan = plan;
    this.#random = new Random(plan.seed * 7 + 1);
    this.#scheduler = scheduler;
    this.#log = log;
  }

  /** Plans everything; the last append happens before start + duration + 3 min. */
  start(): void {
    const { events, durationMs, users } = this.#plan;
    const r = this.#random;
    this.#reference();
    for (let u = 0; u < users; u++) if (r.chance(0.7)) this.#change(u, 'c', r.int(2_000));
    for (let n = 0; n < users; n++)
      this.#scheduler.after(r.int(durationMs), () =>
        this.#change(r.int(users), r.chance(0.1) ? 'd' : 'u', this.#slowness()),
      );
    this.#scheduler.after(r.int(durationMs), () => this.#rate('USD', '0.95', this.#scheduler.nowMs));
    this.#scheduler.after(r.int(durationMs), () => this.#region('eu-west-3', 'Paris', 48.9, 2.4));
    // Bursts and silences: events gather round a few moments.
    const moments = Array.from({ length: 6 }, () => r.int(durationMs));
    for (let n = 0; n < events; n++) {
      const at = r.chance(0.7) ? r.pick(moments) + r.int(2 * MINUTE) : r.int(durationMs);
      this.#scheduler.after(3_000 + at, () => this.#produce());
    }
  }

  #slowness(): number {
    return this.#random.chance(0.2) ? this.#random.int(3 * MINUTE) : this.#random.int(200);
  }

  #append(topic: string, record: AppendRecord): void {
    this.#log.append(topic, [record]);
  }

  #envelope(table: string, op: string, row: unknown, commitMs: number): Uint8Array {
    const image = op === 'd' ? { before: row, after: null } : { before: null, after: row };
    return utf8.encode(JSON.stringify({ ...image, op, source: { table, ts_ms: commitMs, lsn: this.#lsn++ } }));
  }

  #refer(table: string, id: string, row: unknown): void {
    this.#append(TOPICS.cdcReference, {
      partition: 0,
      key: utf8.encode(`${table}:${id}`),
      value: this.#envelope(table, 'c', row, this.#scheduler.nowMs),
    });
  }

  #rate(currency: string, rate: string, validFromMs: number): void {
    this.#refer('rates', `${currency}:${validFromMs}`, { currency, rate, valid_from: validFromMs });
  }

  #region(code: string, name: string, lat: number, lng: number): void {
    this.#refer('regions', code, { code, name, lat, lng });
  }

  #reference(): void {
    this.#refer('workspaces', 'meridian', { id: 'meridian', currency: 'EUR' });
    this.#refer('workspaces', 'acme', { id: 'acme', currency: 'USD' });
    this.#region('us-east-1', 'Virginia', 38.9, -77.5);
    this.#region('eu-west-1', 'Ireland', 53.3, -6.3);
    this.#region('ap-southeast-1', 'Singapore', 1.3, 103.8);
    this.#region('ap-south-1', 'Mumbai', 19, 72.9);
    for (const [currency, rate] of [
      ['EUR', '1'],
      ['USD', '0.9234567891'],
      ['JPY', '0.0061'],
    ] as const)
      this.#rate(currency, rate, 0);
  }

  /** A commit in the users table and, after a while, its change on the log; sometimes twice. */
  #change(user: number, op: 'c' | 'u' | 'd', slowMs: number): void {
    const r = this.#random;
    const commitMs = this.#scheduler.nowMs;
    for (const workspace of WORKSPACES) {
      const key = utf8.encode(eventKey(workspace, `user-${user}`));
      const partition = partitionFor(key, this.#plan.partitions);
      const value = this.#envelope(
        'users',
        op,
        { workspace_id: workspace, user_id: `user-${user}`, tier: r.pick(TIERS) },
        commitMs,
      );
      const deliver = (): void => {
        this.#append(TOPICS.cdcUsers, { partition, key, value });
        if (op === 'd') this.#append(TOPICS.cdcUsers, { partition, key, value: null });
      };
      this.#scheduler.after(slowMs, deliver);
      if (r.chance(0.1)) this.#scheduler.after(slowMs + r.int(10_000), deliver);
    }
  }

  #produce(): void {
    const r = this.#random;
    const old = this.#sent.length > 0 && r.chance(0.15) ? r.pick(this.#sent.slice(-60)) : null;
    if (old !== null) {
      // A retry of the same record, or a producer that reuses ids.
      const event = r.chance(0.8)
        ? old.event
        : { ...old.event, timestampMs: old.event.timestampMs + 1 + r.int(5 * MINUTE) };
      this.#send(event);
      return;
    }
    const event = this.#event();
    this.#send(event);
    // The other workspace may use the very same ids; nothing may cross.
    if (r.chance(0.2)) this.#send({ ...event, workspaceId: event.workspaceId === 'acme' ? 'meridian' : 'acme' });
  }

  #event(): RawEvent {
    const r = this.#random;
    const action = r.pick(['view', 'view', 'cart', 'cart', 'purchase', 'login'] as const);
    return {
      workspaceId: r.chance(0.02) ? 'nobody' : r.pick(WORKSPACES),
      id: r.uuid(),
      userId: `user-${r.int(this.#plan.users)}`,
      action,
      timestampMs: this.#scheduler.nowMs + this.#offsetMs(),
      location: r.pick(LOCATIONS),
      platform: r.pick(['web', 'ios', 'android', 'pos', 'other'] as const),
      itemId: r.chance(0.5) ? `sku-${r.int(50)}` : null,
      amountUnits: action === 'purchase' && r.chance(0.95) ? r.int(5_000_000) : null,
      currency: r.chance(0.8) ? r.pick(CURRENCIES) : null,
      emailSealed: r.chance(0.1) ? new Uint8Array([1, 2, 3]) : null,
      paymentHashSealed: null,
      extra: r.chance(0.2) ? { note: 'x' } : {},
      pseudonym: r.chance(0.5) ? 'abc' : null,
    };
  }

  /** Event time relative to now: mostly just past, sometimes late, very late, or of a clock that is ahead. */
  #offsetMs(): number {
    const r = this.#random;
    const kind = r.next();
    if (kind < 0.7) return -r.int(3_000);
    if (kind < 0.85) return -r.int(9 * MINUTE);
    if (kind < 0.92) return -r.int(40 * MINUTE);
    if (kind < 0.98) return r.int(5 * MINUTE);
    return r.int(12 * MINUTE);
  }

  #send(event: RawEvent): void {
    const r = this.#random;
    const key = utf8.encode(eventKey(event.workspaceId, event.userId));
    const right = partitionFor(key, this.#plan.partitions);
    const partition = r.chance(0.01) ? (right + 1) % this.#plan.partitions : right;
    let value: Uint8Array | null = encodeRawEvent(event, r.chance(0.01) ? 99 : RAW_EVENT_SCHEMA_ID);
    if (r.chance(0.01)) value = value.slice(0, 5 + r.int(value.length - 5));
    else if (r.chance(0.005)) value = null;
    this.#append(TOPICS.eventsRaw, { partition, key: r.chance(0.01) ? utf8.encode('meridian:somebody') : key, value });
    this.#sent.push({ event, partition });
  }
}
