import { deadLettersGet } from './procedures/deadLettersGet.ts';
import { deadLettersGroups } from './procedures/deadLettersGroups.ts';
import { deadLettersList } from './procedures/deadLettersList.ts';
import { enginesStatus } from './procedures/enginesStatus.ts';
import { me } from './procedures/me.ts';
import { measuresCatalog } from './procedures/measuresCatalog.ts';
import { measuresSeries } from './procedures/measuresSeries.ts';
import { pipelineStatus } from './procedures/pipelineStatus.ts';
import { regionsList } from './procedures/regionsList.ts';
import { sessionsEndAll } from './procedures/sessionsEndAll.ts';
import { router } from './trpc.ts';

/** All procedures of the product's own interface. */
export const appRouter = router({
  me,
  measures: router({ catalog: measuresCatalog, series: measuresSeries }),
  regions: router({ list: regionsList }),
  pipeline: router({ status: pipelineStatus, deadLetters: deadLettersList }),
  deadLetters: router({ groups: deadLettersGroups, list: deadLettersList, get: deadLettersGet }),
  engines: router({ status: enginesStatus }),
  sessions: router({ endAll: sessionsEndAll }),
});

export type AppRouter = typeof appRouter;
