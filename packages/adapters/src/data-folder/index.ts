export { type DataBudget, dataBudget, logRetentionBytes } from './budget.ts';
export { type DataArea, type DataUse, measureDataUse } from './measure.ts';
