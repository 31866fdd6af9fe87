import { describe, expect, it } from 'vitest';
import { connectorsSeen } from './httpLook.ts';

const connector = (state: string, ...tasks: string[]) => ({
  status: { connector: { state }, tasks: tasks.map((one, id) => ({ id, state: one })) },
});

describe('connectors', () => {
  it.each<[string, unknown, unknown]>([
    ['running ones are up', { 'ebap-users': connector('RUNNING', 'RUNNING') }, { kind: 'up' }],
    ['one that restarts is not yet a fault', { 'ebap-users': connector('UNASSIGNED') }, { kind: 'up' }],
    [
      'a failed task is told',
      { 'ebap-users': connector('RUNNING', 'FAILED') },
      { kind: 'degraded', message: 'ebap-users: its task has failed.' },
    ],
    [
      'so is a failed connector',
      { 'ebap-users': connector('FAILED') },
      { kind: 'degraded', message: 'ebap-users has failed.' },
    ],
    ['and a missing one', {}, { kind: 'degraded', message: 'ebap-users does not exist.' }],
    ['others are none of ours', { 'ebap-users': connector('RUNNING'), x: connector('FAILED') }, { kind: 'up' }],
  ])('%s', (_, json, expected) => expect(connectorsSeen(json, ['ebap-users'])).toEqual(expected));
});
