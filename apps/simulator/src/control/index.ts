export { type ControlReading, parseControl, ScenarioFile } from './scenarioFile.ts';
