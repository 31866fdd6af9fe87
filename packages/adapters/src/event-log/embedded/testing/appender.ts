/**
 * A process that appends until it is done or killed: `node appender.ts <dir> <name> <calls> <records per call>`.
 * Prints one line of JSON per acknowledged call: `{ call, topic, acks }`.
 */
import { writeSync } from 'node:fs';
import { openEmbeddedEventLog } from '../../index.ts';

const [dir = '', name = '', calls = '0', recordsPerCall = '1'] = process.argv.slice(2);
const log = await openEmbeddedEventLog({ dir });
let call = 0;

async function appendInTurn(): Promise<void> {
  while (call < Number(calls)) {
    const mine = call;
    call += 1;
    const topic = mine % 2 === 0 ? 'even' : 'odd';
    const records = Array.from({ length: Number(recordsPerCall) }, (_, i) => ({
      partition: i % 2,
      key: Buffer.from(name),
      value: Buffer.from(`${mine}:${i}:${'x'.repeat((mine * 31 + i) % 400)}`),
    }));
    const acks = await log.append(topic, records);
    writeSync(1, `${JSON.stringify({ call: mine, topic, acks })}\n`);
  }
}

await Promise.all([appendInTurn(), appendInTurn(), appendInTurn()]);
await log.close();
