import { permitted } from '../trpc.ts';

/** The state of the pipeline as the Pipeline page shows it. */
export const pipelineStatus = permitted('read:pipeline_status').query(({ ctx: { services, principal } }) =>
  services.pipeline.read(principal.workspace.id, principal.permissions),
);
