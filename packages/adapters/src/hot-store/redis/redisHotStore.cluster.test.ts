import { engines } from '../../testing/engines.ts';
import { describeHotStore } from '../conformance/index.ts';
import { openUnderTest } from './testing/underTest.ts';

describeHotStore('Redis', () => openUnderTest({ address: { mode: 'single', url: engines().redisUrl } }));
