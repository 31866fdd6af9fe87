import { AppError } from '../errors/index.ts';
import type { Clock } from '../ports/clock.ts';
import { type HotFlush, type HotStore, type HotWrite, MAX_FLUSH_FIELDS } from '../ports/hotStore.ts';
import { retry } from './retry.ts';

/**
 * One ownership's writer to the hot store: numbers its flushes under the lease's epoch, splits them to the limit,
 * and notices when the store lost what was written before.
 */
export class HotWriter {
  readonly #store: HotStore;
  readonly #clock: Clock;
  readonly #scope: string;
  readonly #epoch: number;
  #flushes = 0;
  #applied: { readonly epoch: number; readonly offset: number } | null = null;

  constructor(store: HotStore, clock: Clock, scope: string, epoch: number) {
    this.#store = store;
    this.#clock = clock;
    this.#scope = scope;
    this.#epoch = epoch;
  }

  /**
   * Writes everything, in order. Returns `lost` if the store did not hold this writer's last flush: then all that
   * is open must be written again.
   * @throws AppError `lease_lost` if a later epoch has written.
   */
  async write(writes: readonly HotWrite[], topic: string, signal: AbortSignal): Promise<'ok' | 'lost'> {
    let lost = false;
    for (let from = 0; from < writes.length; from += MAX_FLUSH_FIELDS) {
      const part = writes.slice(from, from + MAX_FLUSH_FIELDS);
      const keys = [...new Set(part.map((w) => w.key))];
      lost = (await this.#flush(part, topic, keys, signal)) || lost;
    }
    return lost ? 'lost' : 'ok';
  }

  async #flush(
    writes: readonly HotWrite[],
    topic: string,
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const offset = ++this.#flushes;
    const flush: HotFlush = {
      fence: { scope: this.#scope, epoch: this.#epoch, offset },
      writes,
      changes: [{ topic, keys }],
    };
    const result = await retry(this.#clock, signal, () => this.#store.flush(flush));
    const { found } = result;
    // The answer to an earlier try may have been lost: then this very flush is what the store holds.
    const isOurs = found !== null && found.epoch === this.#epoch && found.offset === offset;
    if (result.status === 'fenced' && !isOurs)
      throw new AppError('lease_lost', 'a later owner writes to the hot store', {
        context: { scope: this.#scope, epoch: this.#epoch },
      });
    const before = this.#applied;
    this.#applied = { epoch: this.#epoch, offset };
    // What an earlier try of this flush found is not known: better to write all again once too often.
    if (isOurs) return true;
    return before !== null && (found === null || found.epoch !== before.epoch || found.offset !== before.offset);
  }
}
