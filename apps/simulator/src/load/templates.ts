import { CATALOGUE, priceCents, RandomStream, SHOP_REGIONS, SHOPPER_PLATFORMS } from '../model/index.ts';
import type { LoadOptions } from './options.ts';
import { ID_TAIL_MARK, ISO_MARK, MS_MARK, SlottedText } from './slottedText.ts';

/** A batch ready but for ids and times: the request and, line for line, what is logged once it is acknowledged. */
export interface BatchTemplate {
  readonly request: SlottedText;
  readonly log: SlottedText;
  /** By record: how long ago it happened when it is sent, ms. */
  readonly ageMs: Float64Array;
}

const ACTIONS = ['view', 'cart', 'purchase', 'login'] as const;
const ACTION_SHARES = [80, 11, 4, 5];
const LEAST_TEMPLATE_RECORDS = 50_000;

/** Enough templates that every person occurs; `startMs` makes the ids of each run its own. */
export function buildTemplates(options: LoadOptions, startMs: number): readonly [BatchTemplate, ...BatchTemplate[]] {
  const stream = new RandomStream(options.seed, 'load');
  const ids = new RandomStream(options.seed, 'ids', startMs, options.workspace);
  const records = Math.max(options.users, LEAST_TEMPLATE_RECORDS, options.batchRecords);
  const order = shuffled(records, options.users, stream);
  const build = (from: number): BatchTemplate => {
    const size = options.batchRecords;
    const lines = Array.from({ length: size }, (_, i) =>
      line(options, order[(from + i) % records] ?? 0, stream, idHead(ids)),
    );
    return {
      request: new SlottedText(
        lines.map((l) => l.request),
        ISO_MARK,
      ),
      log: new SlottedText(
        lines.map((l) => l.log),
        MS_MARK,
      ),
      ageMs: Float64Array.from(lines, () => (stream.chance(options.late) ? 660_000 + stream.int(2_940_000) : 0)),
    };
  };
  const rest: BatchTemplate[] = [];
  for (let from = options.batchRecords; from < records; from += options.batchRecords) rest.push(build(from));
  return [build(0), ...rest];
}

/** Everybody once, then anybody, in random order. */
function shuffled(records: number, users: number, stream: RandomStream): Uint32Array {
  const order = Uint32Array.from({ length: records }, (_, i) => (i < users ? i : stream.int(users)));
  for (let i = records - 1; i > 0; i--) {
    const j = stream.int(i + 1);
    const moved = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = moved;
  }
  return order;
}

/** The first four groups of a UUID version 4 with their hyphens. */
function idHead(stream: RandomStream): string {
  const hex = (): string => stream.uint32().toString(16).padStart(8, '0');
  const [a, b, c] = [hex(), hex(), hex()];
  return `${a}-${b.slice(0, 4)}-4${b.slice(4, 7)}-8${c.slice(0, 3)}-`;
}

function line(
  options: LoadOptions,
  user: number,
  stream: RandomStream,
  head: string,
): { request: string; log: string } {
  const own = new RandomStream(options.seed, 'load-user', user);
  const region = SHOP_REGIONS[own.weighted(SHOP_REGIONS.map((r) => r.weight))] ?? SHOP_REGIONS[0];
  const item = CATALOGUE[stream.int(CATALOGUE.length)] ?? CATALOGUE[0];
  if (region === undefined || item === undefined) throw new RangeError('No regions or no items.');
  const platform = SHOPPER_PLATFORMS[own.weighted(region.platforms)] ?? 'web';
  const offset = (): number => region.spreadDegrees * Math.max(-2, Math.min(2, own.normal()));
  const location = own.chance(0.9)
    ? `${(region.lat + 0.6 * offset()).toFixed(4)},${(region.lng + offset()).toFixed(4)}`
    : region.code;
  const action = ACTIONS[stream.weighted(ACTION_SHARES)] ?? 'view';
  const id = head + ID_TAIL_MARK;
  const userId = `user-${user}`;
  const paid = action === 'cart' || action === 'purchase';
  const amount = paid ? priceCents(item, region.currency) / 100 : null;
  const currency = paid ? region.currency : null;
  const metadata = {
    platform,
    ...(action === 'login' ? { email: `${userId}@example.com` } : { item_id: item.id }),
    ...(paid ? { amount, currency } : {}),
    ...(action === 'purchase' ? { payment_hash: own.uint32().toString(16).padStart(32, '7') } : {}),
  };
  return {
    request: JSON.stringify({ id, user_id: userId, action, timestamp: ISO_MARK, location, metadata }),
    log: JSON.stringify({
      w: options.workspace,
      id,
      u: userId,
      t: MS_MARK,
      a: action,
      m: amount,
      c: currency,
      l: location,
      p: platform,
    }).replace(`"${MS_MARK}"`, MS_MARK),
  };
}
