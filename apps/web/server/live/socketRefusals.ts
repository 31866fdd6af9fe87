import type { IncomingMessage } from 'node:http';
import type { LogLevel } from '@ebap/adapters/logging';
import type { LiveTopic } from '@ebap/pipeline/contracts';
import type { Principal } from '../../src/server/session/principal.ts';
import { TokenBuckets } from '../ingest/tokenBucket.ts';
import { Counter, type MetricsRegistry } from '../metrics/registry.ts';
import { TOPIC_PERMISSIONS } from './topicSchema.ts';

/** Why a socket was not opened, or a topic of it not. */
export type RefusalReason =
  | 'foreign_host'
  | 'foreign_origin'
  | 'signed_out'
  | 'no_role'
  | 'too_many'
  | 'unavailable'
  | 'forbidden_topic';

export interface SocketAuditEntry {
  readonly workspaceId: string;
  readonly actor: string;
  readonly kind: 'refused';
  readonly detail: Readonly<Record<string, string>>;
}

export interface SocketRefusalsOptions {
  readonly metrics: MetricsRegistry;
  readonly log: (level: LogLevel, message: string, fields: Readonly<Record<string, string>>) => void;
  readonly audit: (entry: SocketAuditEntry) => Promise<void>;
  readonly onFault: (error: unknown, where: string) => void;
  readonly nowMs: () => number;
}

/** Lines per reason and entries per person; all are counted. */
const LOGGED = { perSecond: 1, burst: 20 };
const AUDITED = { perSecond: 1, burst: 20 };
const MAX_SHOWN_CHARS = 200;

/** Tells of what sockets were refused: counts all, writes down as much as nobody can drown the rest in. */
export class SocketRefusals {
  readonly #options: SocketRefusalsOptions;
  readonly #counter: Counter;
  readonly #logged: TokenBuckets;
  readonly #audited: TokenBuckets;

  constructor(options: SocketRefusalsOptions) {
    this.#options = options;
    this.#counter = options.metrics.add('live_refusals', new Counter('Sockets and topics refused, by reason.'));
    this.#logged = new TokenBuckets(LOGGED, options.nowMs);
    this.#audited = new TokenBuckets(AUDITED, options.nowMs);
  }

  /** A socket was not opened. */
  connection(reason: Exclude<RefusalReason, 'forbidden_topic'>, { headers, socket }: IncomingMessage): void {
    this.#counter.add(1, { reason });
    if (this.#logged.take(reason, 1) > 0) return;
    const isForeign = reason === 'foreign_host' || reason === 'foreign_origin';
    this.#options.log(isForeign ? 'warn' : 'info', 'socket refused', {
      reason,
      client: socket.remoteAddress ?? '',
      host: shown(headers.host),
      origin: shown(headers.origin),
    });
  }

  /** A person asked for a topic that none of their roles opens. */
  topic({ person, workspace }: Principal, kind: LiveTopic['kind']): void {
    this.#counter.add(1, { reason: 'forbidden_topic' });
    if (this.#audited.take(person.id, 1) > 0) return;
    const detail = { permission: TOPIC_PERMISSIONS[kind], path: `socket ${kind}` };
    this.#options
      .audit({ workspaceId: workspace.id, actor: person.id, kind: 'refused', detail })
      .catch((error: unknown) => this.#options.onFault(error, 'socket audit'));
  }
}

function shown(header: string | undefined): string {
  return (header ?? '').slice(0, MAX_SHOWN_CHARS);
}
