import type { DeadLetterReason } from '../../contracts/deadLetter.ts';
import { ACTIONS, TIERS } from '../../contracts/dimensions.ts';
import { murmur2 } from '../../contracts/partitioner.ts';
import { RawEventView } from '../../contracts/rawEventDecode.ts';
import type { FeedCut } from '../../hot/layout.ts';
import { SYSTEM_WORKSPACE } from '../../hot/layout.ts';
import {
  ActiveUsers,
  CartSteps,
  IdentityIndex,
  KeySlots,
  Profiles,
  TrailingCounts,
  UNKNOWN_TIER,
} from '../../operators/index.ts';
import type { LogBatch } from '../../ports/logBatch.ts';
import { requireSection, type SnapshotSink, type SnapshotSource } from '../../state/index.ts';
import { CUT_MS, ID_REUSE_HORIZON_MS, PURCHASE_HORIZON_MS } from '../../time/constants.ts';
import { advanceWatermark, isLate, NO_WATERMARK } from '../../time/watermark.ts';
import type { StepResult, Task } from '../task.ts';
import { changeAt } from './changeEnvelope.ts';
import { type AddressedPartial, cutMessages } from './cutMessages.ts';
import { FeedSampler } from './feedSampler.ts';
import type { Outcome } from './ledger.ts';
import { Reference } from './reference.ts';
import { provesWorkspace, type RejectedRecord, rejectedRecord } from './rejectedRecords.ts';
import type { SchemaVersions } from './schemaVersions.ts';
import { type RecordFacts, validateRecord } from './validate.ts';
import type { WorkspaceState } from './workspaceState.ts';
import { Workspaces } from './workspaces.ts';

/** The sources of an event task, in merge priority at equal append times: references, profiles, events. */
export const EVENT_SOURCES = { reference: 0, users: 1, events: 2 } as const;

export interface EventTaskConfig {
  readonly partition: number;
  /** Of the event topic. */
  readonly partitions: number;
  readonly partialPartitions: number;
  readonly schemas: SchemaVersions;
  /** Events shown per cut and workspace in the feed. */
  readonly feedPerCut: number;
}

export interface EventOutputs {
  readonly cut: number;
  readonly partials: readonly AddressedPartial[];
  readonly deadLetters: readonly RejectedRecord[];
  readonly feed: readonly { readonly workspace: string; readonly cut: FeedCut }[];
}

const PURCHASE = ACTIONS.indexOf('purchase');
/** Lanes of the identity index. */
const RECENT = 0;
const PURCHASES = 1;
const HORIZONS_MS = [ID_REUSE_HORIZON_MS, PURCHASE_HORIZON_MS];
const CLOSE_EVERY_MS = 10_000;
/** More than this in one event (ten billion currency units) is not money. */
const MAX_SALES_UNITS = 1e14;

/** Counts the events of one partition: validation, dedupe, lateness, profile join, windows, cuts. */
export class EventTask implements Task<EventOutputs> {
  readonly #config: EventTaskConfig;
  #watermarkMs = NO_WATERMARK;
  /** Cut that is being filled; -1 before the first record. */
  #cut = -1;
  #appendMs = 0;
  #pending = false;
  #closedAtMs = NO_WATERMARK;
  #slots = new KeySlots();
  #profiles = new Profiles();
  #users = new ActiveUsers();
  #cartSteps = new CartSteps();
  #identities = new IdentityIndex(HORIZONS_MS);
  #reference = new Reference();
  #workspaces = new Workspaces();
  readonly #view = new RawEventView();
  readonly #facts: RecordFacts = { schemaId: -1, keyHash: 0 };
  #deadLetters: RejectedRecord[] = [];
  readonly #feed: FeedSampler;

  constructor(config: EventTaskConfig) {
    this.#config = config;
    this.#feed = new FeedSampler(config.partition, config.feedPerCut);
  }

  /** True while records wait for their cut to end. */
  get hasPending(): boolean {
    return this.#pending;
  }

  /** ms; null before the first record. */
  get watermarkMs(): number | null {
    return this.#watermarkMs === NO_WATERMARK ? null : this.#watermarkMs;
  }

  step(source: number, batch: LogBatch, from: number, to: number): StepResult<EventOutputs> {
    if (source === EVENT_SOURCES.events) return this.#stepEvents(batch, from, to);
    for (let i = from; i < to; i++) {
      if (source === EVENT_SOURCES.users) this.#applyUser(batch, i);
      else this.#applyReference(batch, i);
    }
    return { next: to, outputs: null };
  }

  #stepEvents(batch: LogBatch, from: number, to: number): StepResult<EventOutputs> {
    for (let i = from; i < to; i++) {
      const appendMs = batch.appendTimesMs[i] as number;
      const cut = Math.floor(appendMs / CUT_MS);
      if (cut !== this.#cut) {
        const outputs = this.#cut < 0 ? null : this.#finishCut();
        this.#cut = cut;
        if (outputs !== null) return { next: i, outputs };
      }
      this.#appendMs = appendMs;
      // Somebody else's record with the header is a record like any other.
      if (batch.ticks[i] === 1 && (batch.valueStarts[i] as number) < 0)
        this.#watermarkMs = advanceWatermark(this.#watermarkMs, appendMs, appendMs);
      else {
        this.#pending = true;
        this.#countRecord(batch, i, appendMs);
      }
    }
    return { next: to, outputs: null };
  }

  #countRecord(batch: LogBatch, i: number, appendMs: number): void {
    const { partition, partitions, schemas } = this.#config;
    const view = this.#view;
    const reason = validateRecord(batch, i, partition, partitions, schemas, view, this.#facts);
    if (reason !== null) {
      const owner = provesWorkspace(reason) ? this.#workspaceOf(view)?.id : undefined;
      this.#reject(batch, i, reason, owner ?? SYSTEM_WORKSPACE);
      return;
    }
    const workspace = this.#workspaceOf(view);
    if (workspace === null) {
      this.#reject(batch, i, 'unknown_workspace', SYSTEM_WORKSPACE);
      return;
    }
    const salesUnits = this.#salesUnits(workspace, view);
    if (salesUnits === null) {
      this.#reject(batch, i, 'unknown_currency', workspace.id);
      return;
    }
    if (salesUnits > MAX_SALES_UNITS || !workspace.canAdd(view.timestampMs, salesUnits)) {
      this.#reject(batch, i, 'invalid_amount', workspace.id);
      return;
    }
    const watermarkMs = this.#watermarkMs;
    this.#watermarkMs = advanceWatermark(watermarkMs, view.timestampMs, appendMs);
    const late = isLate(view.timestampMs, watermarkMs);
    const isPurchase = view.action === PURCHASE;
    view.workspace = workspace.number;
    const sighting = this.#identities.see(view, watermarkMs, isPurchase ? PURCHASES : late ? -1 : RECENT);
    if (sighting === 'reused') {
      this.#reject(batch, i, 'id_reused', workspace.id);
      return;
    }
    const outcome: Outcome = sighting === 'duplicate' ? 'duplicate' : late ? 'late' : 'counted';
    workspace.ledger.add(outcome, appendMs);
    if (outcome === 'duplicate') return;
    const slot = this.#slots.slotOf(
      batch.bytes,
      batch.keyStarts[i] as number,
      batch.keyEnds[i] as number,
      this.#facts.keyHash,
    );
    const region = this.#reference.regions.locate(view.bytes, view.locationStart, view.locationEnd);
    const tier = this.#profiles.tierAt(slot, view.timestampMs);
    if (outcome === 'counted')
      workspace.count(
        { slot, timeMs: view.timestampMs, action: view.action, region, platform: view.platform, tier, salesUnits },
        this.#users,
        this.#cartSteps,
        this.#slots.count,
        this.#reference.regions.count,
      );
    if (this.#feed.wants(workspace.id))
      this.#feed.add(workspace.id, view, {
        region: this.#reference.regions.code(region),
        tier: TIERS[tier] ?? 'unknown',
        profileVersionMs: this.#profiles.versionAt(slot, view.timestampMs),
        offset: batch.offsets[i] as number,
        appendMs,
        late,
      });
  }

  #workspaceOf(view: RawEventView): WorkspaceState | null {
    return this.#workspaces.ofEvent(view, (id) => this.#reference.workspace(id) !== undefined);
  }

  /** Sales of the event in the workspace's currency; 0 if it sells nothing, null without a rate. */
  #salesUnits(workspace: WorkspaceState, view: RawEventView): number | null {
    if (view.action !== PURCHASE || view.amountUnits < 0) return 0;
    const own = this.#reference.workspace(workspace.id)?.currency ?? 0;
    return this.#reference.rates.convert(
      view.amountUnits,
      view.currency === 0 ? own : view.currency,
      own,
      view.timestampMs,
    );
  }

  #reject(batch: LogBatch, i: number, reason: DeadLetterReason, workspace: string): void {
    const { schemaId } = this.#facts;
    this.#deadLetters.push(rejectedRecord(batch, i, reason, workspace, schemaId < 0 ? null : schemaId));
    this.#workspaces.of(workspace).ledger.add(`dead:${reason}`, this.#appendMs);
  }

  #applyUser(batch: LogBatch, i: number): void {
    const keyStart = batch.keyStarts[i] as number;
    const change = changeAt(batch, i);
    if (change === null || keyStart < 0) return;
    const keyEnd = batch.keyEnds[i] as number;
    const slot = this.#slots.slotOf(batch.bytes, keyStart, keyEnd, murmur2(batch.bytes, keyStart, keyEnd));
    const tier = change.op === 'd' ? UNKNOWN_TIER : (TIERS as readonly unknown[]).indexOf(change.after?.tier);
    this.#profiles.put(slot, change.commitMs, tier < 0 ? UNKNOWN_TIER : tier);
  }

  #applyReference(batch: LogBatch, i: number): void {
    const change = changeAt(batch, i);
    if (change === null) return;
    this.#reference.apply(change);
    this.#workspaces.lookAgain();
  }

  #finishCut(): EventOutputs {
    const head = {
      sourcePartition: this.#config.partition,
      cut: this.#cut,
      watermarkMs: this.watermarkMs,
      appendMs: this.#appendMs,
    };
    const code = (region: number): string => this.#reference.regions.code(region);
    this.#users.advance(this.#appendMs);
    const partials = cutMessages(head, this.#workspaces.all, code, this.#config.partialPartitions);
    const deadLetters = this.#deadLetters;
    this.#deadLetters = [];
    this.#pending = false;
    if (this.#watermarkMs >= this.#closedAtMs + CLOSE_EVERY_MS || this.#closedAtMs === NO_WATERMARK) this.#close();
    return { cut: this.#cut, partials, deadLetters, feed: this.#feed.take(this.#cut, this.#appendMs) };
  }

  #close(): void {
    this.#closedAtMs = this.#watermarkMs;
    this.#workspaces.close(this.#watermarkMs);
    this.#users.close(this.#watermarkMs);
    this.#cartSteps.close(this.#watermarkMs);
    this.#profiles.close(this.#watermarkMs);
    this.#identities.expire(this.#watermarkMs);
  }

  snapshot(sink: SnapshotSink): void {
    this.#slots.snapshot(sink);
    this.#identities.snapshot(sink);
    const finite = (ms: number): number | null => (ms === NO_WATERMARK ? null : ms);
    sink.write('state', [
      {
        name: 'task',
        head: {
          watermarkMs: finite(this.#watermarkMs),
          closedAtMs: finite(this.#closedAtMs),
          cut: this.#cut,
          appendMs: this.#appendMs,
          workspaces: this.#workspaces.all.length,
        },
        columns: [],
      },
      this.#reference.toSection(),
      ...this.#profiles.toSections(this.#slots.count),
      ...this.#users.toSections(),
      this.#cartSteps.toSection('carts'),
      ...this.#workspaces.toSections(),
    ]);
  }

  /** @throws AppError `corrupt_data` or `unsupported_version`. */
  static restore(config: EventTaskConfig, source: SnapshotSource): EventTask {
    const task = new EventTask(config);
    const [name] = source.names('state');
    if (name === undefined) return task;
    const sections = source.read(name);
    const head = requireSection(sections, 'task').head as {
      readonly watermarkMs: number | null;
      readonly closedAtMs: number | null;
      readonly cut: number;
      readonly appendMs: number;
      readonly workspaces: number;
    };
    task.#watermarkMs = head.watermarkMs ?? NO_WATERMARK;
    task.#closedAtMs = head.closedAtMs ?? NO_WATERMARK;
    task.#cut = head.cut;
    task.#appendMs = head.appendMs;
    task.#slots = KeySlots.restore(source);
    task.#identities = IdentityIndex.restore(HORIZONS_MS, source);
    task.#reference = Reference.fromSections(sections);
    task.#profiles = Profiles.fromSections(sections);
    task.#cartSteps = CartSteps.fromSection(requireSection(sections, 'carts'));
    task.#workspaces = Workspaces.fromSections(sections, head.workspaces);
    const workspaces = task.#workspaces.all;
    task.#users = ActiveUsers.fromSections(sections, (n) => workspaces[n]?.users.trailing ?? new TrailingCounts(n));
    return task;
  }
}
