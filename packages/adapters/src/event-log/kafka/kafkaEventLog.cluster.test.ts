import { engines } from '../../testing/engines.ts';
import { describeEventLog } from '../conformance/index.ts';
import { openKafkaEventLog } from './index.ts';

describeEventLog('Apache Kafka', async () => {
  const options = { brokers: engines().kafka.brokers, clientId: 'conformance' };
  let log = await openKafkaEventLog(options);
  return {
    log,
    tooLargeBytes: 5 * 1024 * 1024,
    async reopen() {
      await log.close();
      log = await openKafkaEventLog(options);
      return log;
    },
    dispose: () => log.close(),
  };
});
