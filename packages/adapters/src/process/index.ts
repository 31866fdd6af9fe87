export { processIdentity } from './identity.ts';
export { exitWithParent, LIFELINE_FD_VARIABLE, type LifelineOptions } from './lifeline.ts';
