import type { FaultRates } from './faults.ts';
import { RandomStream } from './random.ts';
import { NORMAL } from './scenarios.ts';
import { proceed, takeSilently } from './sessions.ts';
import { newSession, type Shop, type VisitSize } from './shop.ts';

const SAMPLE = 6_000;

/** Measures how many records a visit sends, so that arrivals can be set to a rate of events. */
export function measureVisits(shop: Shop, faults: FaultRates): VisitSize {
  const onTop = 1 + faults.duplicate + faults.malformed;
  return { usual: meanEvents(shop, false) * onTop, rushed: meanEvents(shop, true) * onTop };
}

function meanEvents(shop: Shop, rushed: boolean): number {
  let events = 0;
  for (let i = 0; i < SAMPLE; i++) {
    const stream = new RandomStream(11, 'calibration', i);
    const person = shop.population.visitor(shop.anyRegion(stream), stream);
    if (person === null) continue;
    const session = newSession(0, person, stream, 0, rushed, 0);
    do {
      takeSilently(session, NORMAL);
      events++;
    } while (proceed(session, NORMAL));
  }
  return events / SAMPLE;
}
