import type { Permission } from '@ebap/pipeline/access';
import {
  ACTIONS,
  LIVE_PROTOCOL_VERSION,
  type LiveTopic,
  PLATFORMS,
  type SubscribeMessage,
} from '@ebap/pipeline/contracts';
import { checkQuery, seriesQuerySchema } from '@ebap/pipeline/semantics';
import { z } from 'zod';

const region = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9][a-z0-9-]*$/);
const MAX_REGIONS = 64;

const topicSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('series'), query: seriesQuerySchema }),
  z.strictObject({
    kind: z.literal('now'),
    filter: z.strictObject({ region: region.optional(), platform: z.enum(PLATFORMS).optional() }),
  }),
  z.strictObject({ kind: z.literal('regions') }),
  z.strictObject({
    kind: z.literal('feed'),
    filter: z.strictObject({
      regions: z.array(region).max(MAX_REGIONS).optional(),
      platforms: z.array(z.enum(PLATFORMS)).max(PLATFORMS.length).optional(),
      actions: z.array(z.enum(ACTIONS)).max(ACTIONS.length).optional(),
    }),
  }),
  z.strictObject({ kind: z.literal('pipeline') }),
]);

const subscribeSchema = z.object({
  v: z.number().int().min(1),
  id: z.string().min(1).max(64),
  topic: topicSchema,
  since: z.number().int().min(0).optional(),
});

export type SubscribeOutcome =
  | { readonly ok: true; readonly message: SubscribeMessage }
  | { readonly ok: false; readonly message: string };

/** Reads a client's `subscribe` message. Clients of the last version are understood, newer ones are not. */
export function parseSubscribe(value: unknown): SubscribeOutcome {
  const parsed = subscribeSchema.safeParse(value);
  if (!parsed.success) return { ok: false, message: z.prettifyError(parsed.error).slice(0, 500) };
  const { v, topic } = parsed.data;
  if (v > LIVE_PROTOCOL_VERSION || v < LIVE_PROTOCOL_VERSION - 1)
    return { ok: false, message: `This server speaks version ${LIVE_PROTOCOL_VERSION} of the live protocol.` };
  const problem = topic.kind === 'series' ? checkQuery(topic.query) : null;
  return problem === null ? { ok: true, message: parsed.data } : { ok: false, message: problem.message };
}

/** What a topic needs: derived from the kind alone, so that no filter can widen it. */
export const TOPIC_PERMISSIONS: Readonly<Record<LiveTopic['kind'], Permission>> = {
  series: 'read:measures',
  now: 'read:measures',
  regions: 'read:regions',
  feed: 'read:events_raw',
  pipeline: 'read:pipeline_status',
};

/** The same text for topics that mean the same, whatever the order of their fields. */
export function canonicalTopic(topic: LiveTopic): string {
  return JSON.stringify(topic, (_, value: unknown) => {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.every((one) => typeof one === 'string') ? [...value].sort() : value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
