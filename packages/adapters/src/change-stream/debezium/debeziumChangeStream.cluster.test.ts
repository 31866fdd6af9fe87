import { describeChangeStream } from '../conformance.ts';
import { fixture } from './testing/fixture.ts';

describeChangeStream('Kafka Connect with Debezium', () => fixture());
