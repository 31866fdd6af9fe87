export { type DataArea, type DataBudget, dataBudget, logRetentionBytes } from './budget.ts';
export { type DataUse, measureDataUse } from './measure.ts';
