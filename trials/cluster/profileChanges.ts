import pg from 'pg';
import type { Random } from '../sim/random.ts';

const TIERS = ['free', 'silver', 'gold', 'platinum'] as const;
const EVERY_MS = 250;

/** Changes people in the customer's database all the time, so that change capture has something to lose. */
export class ProfileChanges {
  readonly #url: string;
  readonly #users: number;
  readonly #random: Random;
  #stopped = false;
  #loop: Promise<void> | null = null;
  /** Commits that were confirmed. */
  commits = 0;

  constructor(url: string, users: number, random: Random) {
    this.#url = url;
    this.#users = users;
    this.#random = random;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const client = new pg.Client({
        connectionString: this.#url,
        connectionTimeoutMillis: 5_000,
        query_timeout: 20_000,
      });
      client.on('error', () => {});
      try {
        await client.connect();
        while (!this.#stopped) await this.#change(client);
      } catch {
        // The database is away for a moment.
      } finally {
        await client.end().catch(() => {});
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  async #change(client: pg.Client): Promise<void> {
    const userId = `user-${this.#random.int(this.#users)}`;
    if (this.#random.chance(0.05))
      await client.query('DELETE FROM users WHERE workspace_id = $1 AND user_id = $2', ['meridian', userId]);
    else
      await client.query(
        `INSERT INTO users (workspace_id, user_id, tier) VALUES ($1, $2, $3)
         ON CONFLICT (workspace_id, user_id) DO UPDATE SET tier = excluded.tier, updated_at = now()`,
        ['meridian', userId, this.#random.pick(TIERS)],
      );
    this.commits++;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
