import type { EngineId, EngineStatus, EnginesView, Outage } from '../../src/server/engineStatus.ts';

type Words = Pick<Outage, 'title' | 'effect' | 'recovered'>;

interface Meaning {
  readonly severity: Outage['severity'];
  readonly stopsLive: boolean;
  /** What still works, for who runs the platform. */
  readonly effect: string;
  /** For everybody else: what it means for what they see. */
  readonly plain: Words;
}

const STAND_STILL: Words = {
  title: 'Live numbers stand still',
  effect: 'What is shown stays. New events are still taken in; they are counted and appear once this is over.',
  recovered: 'Live numbers move again',
};
const PROFILES_WAIT: Words = {
  title: 'Customer profiles are not being updated',
  effect: 'Numbers go on. Tiers and countries are the newest known; changes are kept and follow later.',
  recovered: 'Customer profiles are updated again',
};
const CHANGES_WAIT =
  'Profiles and reference data stay at their newest version. Changes wait in the source database’s log, which grows meanwhile; nothing of them is lost.';

const MEANINGS: Readonly<Record<EngineId, Meaning>> = {
  database: {
    severity: 'outage',
    stopsLive: false,
    effect:
      'Nobody can sign in or be checked: pages that are open keep what they show, others wait. Ingestion answers 503 once the keys it remembers are 10 s old, and senders keep their events. Checkpoints wait: a worker that ends meanwhile reads again from its last one.',
    plain: {
      title: 'Sign-in and access checks are out',
      effect:
        'This page keeps what it shows; others open once this is over. Senders keep events that can not be taken in.',
      recovered: 'Sign-in works again',
    },
  },
  event_log: {
    severity: 'outage',
    stopsLive: true,
    effect:
      'Ingestion answers 503 with Retry-After: senders keep their events and send them again. Live numbers stand still, what is shown stays, and tasks go on from where they were.',
    plain: {
      title: 'New events are not being taken in',
      effect: 'Live numbers stand still; what is shown stays. Senders keep their events and send them again.',
      recovered: 'New events are taken in again',
    },
  },
  hot_store: {
    severity: 'outage',
    stopsLive: true,
    effect:
      'Live panels stand still with what they show. Events are still accepted, and counted by the workers; the numbers are written again when it is back.',
    plain: STAND_STILL,
  },
  schema_registry: {
    severity: 'limited',
    stopsLive: false,
    effect:
      'Running producers and workers go on with the schemas they know. New schema versions and processes that start wait.',
    plain: {
      title: 'A supporting service is away',
      effect: 'Numbers and new events go on as usual.',
      recovered: 'The supporting service is back',
    },
  },
  change_capture: { severity: 'limited', stopsLive: false, effect: CHANGES_WAIT, plain: PROFILES_WAIT },
  source_database: {
    severity: 'limited',
    stopsLive: false,
    effect: 'Profiles stay at their newest version; changes follow when it is back. Events are taken in and counted.',
    plain: PROFILES_WAIT,
  },
  workers: {
    severity: 'outage',
    stopsLive: true,
    effect:
      'Events are still accepted, and the log keeps them. Numbers stand still until a worker goes on from the last checkpoint; each event is then counted once.',
    plain: STAND_STILL,
  },
};

/** What an engine's outage means and what still works, for who runs the platform. */
export function effectOf(engine: EngineId): string {
  return MEANINGS[engine].effect;
}

/**
 * The engines as one person may know them: by name for who may see the pipeline's state, else what their outages mean
 * for what is shown, each meaning once.
 */
export function enginesView(all: readonly EngineStatus[], seesPipeline: boolean, atMs: number): EnginesView {
  const troubled = all.filter(({ state }) => state !== 'up').sort((a, b) => a.sinceMs - b.sinceMs);
  if (seesPipeline)
    return {
      atMs,
      outages: troubled.map(namedOutage),
      engines: all.map((status) => ({ ...status, effect: effectOf(status.engine) })),
    };
  const byMeaning = new Map<string, Outage>();
  for (const status of troubled) {
    const outage = plainOutage(status);
    if (!byMeaning.has(outage.key)) byMeaning.set(outage.key, outage);
  }
  return { atMs, outages: [...byMeaning.values()], engines: null };
}

function namedOutage({ engine, label, state, sinceMs, message }: EngineStatus): Outage {
  const { severity, stopsLive, effect } = MEANINGS[engine];
  const isMany = engine === 'workers';
  const isDown = state === 'down';
  const trouble = isDown ? (isMany ? 'do not answer' : 'does not answer') : isMany ? 'are impaired' : 'is impaired';
  return {
    key: engine,
    severity: isDown ? severity : 'limited',
    title: `${label} ${trouble}`,
    effect: isDown || message === null ? effect : `${message} ${effect}`,
    recovered: `${label} ${isMany ? 'are' : 'is'} back`,
    stopsLive: isDown && stopsLive,
    sinceMs,
  };
}

function plainOutage({ engine, state, sinceMs }: EngineStatus): Outage {
  const { severity, stopsLive, plain } = MEANINGS[engine];
  const isDown = state === 'down';
  const words = isDown || severity === 'limited' ? plain : IMPAIRED;
  return {
    ...words,
    key:
      words === PROFILES_WAIT ? 'profiles' : words === STAND_STILL ? 'live' : words === IMPAIRED ? 'impaired' : engine,
    severity: isDown ? severity : 'limited',
    stopsLive: isDown && stopsLive,
    sinceMs,
  };
}

const IMPAIRED: Words = {
  title: 'Some live numbers may be late',
  effect: 'A part of the platform is impaired. Events are kept, and late numbers catch up.',
  recovered: 'Live numbers are in time again',
};
