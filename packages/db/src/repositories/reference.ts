import { ACTIONS, type Action } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import { guarded } from '../faults.ts';

export interface RegionRow {
  /** For example `us-east-1`. */
  readonly code: string;
  readonly name: string;
  readonly lat: number;
  readonly lng: number;
  /** Events per second that are 100 percent of load. */
  readonly capacity: number;
}

export interface RateRow {
  /** ISO 4217. */
  readonly currency: string;
  readonly validFromMs: number;
  /** Price of one unit in EUR, decimal text with up to 10 places. */
  readonly rate: string;
}

export interface ActionMappingRow {
  readonly workspaceId: string;
  /** The name the client uses, for example Segment's `Order Completed`. */
  readonly sourceName: string;
  readonly action: Action;
}

/** What events are judged by. Changes reach the stream tasks as `ebap.cdc.reference`. */
export interface Reference {
  regions(): Promise<readonly RegionRow[]>;
  rates(): Promise<readonly RateRow[]>;
  /** Of one workspace, or of all. */
  actionMappings(workspaceId?: string): Promise<readonly ActionMappingRow[]>;
  putRegion(region: RegionRow): Promise<void>;
  putRate(rate: RateRow): Promise<void>;
  putActionMapping(mapping: ActionMappingRow): Promise<void>;
  /** False when there was none. */
  removeActionMapping(workspaceId: string, sourceName: string): Promise<boolean>;
}

export function referenceRepository(prisma: PrismaClient): Reference {
  return {
    regions: () => guarded('reading regions', () => prisma.region.findMany({ orderBy: { code: 'asc' } })),
    rates: () => readRates(prisma),
    actionMappings: (workspaceId) => readMappings(prisma, workspaceId),
    async putRegion({ code, ...rest }) {
      await guarded('writing a region', () =>
        prisma.region.upsert({ where: { code }, create: { code, ...rest }, update: rest }),
      );
    },
    async putRate({ currency, validFromMs, rate }) {
      const key = { currency, validFrom: BigInt(validFromMs) };
      await guarded('writing a rate', () =>
        prisma.rate.upsert({ where: { currency_validFrom: key }, create: { ...key, rate }, update: { rate } }),
      );
    },
    async putActionMapping({ workspaceId, sourceName, action }) {
      const key = { workspaceId, sourceName };
      await guarded('writing an action name', () =>
        prisma.actionMapping.upsert({
          where: { workspaceId_sourceName: key },
          create: { ...key, action },
          update: { action },
        }),
      );
    },
    async removeActionMapping(workspaceId, sourceName) {
      const where = { workspaceId, sourceName };
      const { count } = await guarded('removing an action name', () => prisma.actionMapping.deleteMany({ where }));
      return count > 0;
    },
  };
}

async function readRates(prisma: PrismaClient): Promise<readonly RateRow[]> {
  const rows = await guarded('reading rates', () =>
    prisma.rate.findMany({ orderBy: [{ currency: 'asc' }, { validFrom: 'asc' }] }),
  );
  return rows.map(({ currency, validFrom, rate }) => ({
    currency,
    validFromMs: Number(validFrom),
    rate: rate.toFixed(),
  }));
}

async function readMappings(prisma: PrismaClient, workspaceId?: string): Promise<readonly ActionMappingRow[]> {
  const rows = await guarded('reading action names', () =>
    prisma.actionMapping.findMany({
      ...(workspaceId !== undefined && { where: { workspaceId } }),
      orderBy: [{ workspaceId: 'asc' }, { sourceName: 'asc' }],
    }),
  );
  return rows.map((row) => ({ ...row, action: asAction(row.action) }));
}

function asAction(text: string): Action {
  const action = ACTIONS.find((known) => known === text);
  if (action === undefined) throw new AppError('corrupt_data', `An action name maps to the unknown action ${text}.`);
  return action;
}
