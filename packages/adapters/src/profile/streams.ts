import { TOPICS } from '@ebap/pipeline/contracts';
import type { ProductTable } from '../change-stream/index.ts';

/** What follows which tables into which topic. Slot and publication bear one name. */
export interface StreamSpec {
  readonly name: 'users' | 'reference';
  readonly topic: string;
  readonly partitions: number;
  readonly slot: string;
  readonly tables: readonly ProductTable[];
}

/** @param keyedPartitions of the topics keyed by workspace and user */
export function streamSpecs(keyedPartitions: number): readonly StreamSpec[] {
  return [
    {
      name: 'users',
      topic: TOPICS.cdcUsers,
      partitions: keyedPartitions,
      slot: 'ebap_cdc_users',
      tables: ['users'],
    },
    {
      name: 'reference',
      topic: TOPICS.cdcReference,
      partitions: 1,
      slot: 'ebap_cdc_reference',
      tables: ['regions', 'rates', 'rules', 'action_mappings', 'workspaces'],
    },
  ];
}
