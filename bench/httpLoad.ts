import { ENDED_UNACKNOWLEDGED, type LoadGenerator, startLoadGenerator } from '../trials/processes/loadGenerator.ts';

export interface HttpLoadSettings {
  /** The checkout. */
  readonly root: string;
  /** Of the web app. */
  readonly url: string;
  readonly keyFile: string;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly users: number;
}

/** What the simulator's load generator says of its run; see there. */
export interface HttpLoadReport {
  readonly accepted: number;
  readonly acceptedPerSecond: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly unacknowledged: number;
  /** Requests that were not acknowledged and came again, by reason. */
  readonly retries: Readonly<Record<string, number>>;
  readonly [figure: string]: unknown;
}

export type HttpLoad = LoadGenerator<HttpLoadReport>;

/** The simulator's load generator without duplicates and late events. */
export function startHttpLoad(settings: HttpLoadSettings): HttpLoad {
  const options = {
    url: settings.url,
    'key-file': settings.keyFile,
    rate: settings.ratePerSecond,
    seconds: settings.seconds,
    users: settings.users,
  };
  return startLoadGenerator(settings.root, options, [0, ENDED_UNACKNOWLEDGED]);
}
