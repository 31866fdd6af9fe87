/** The platform's profiles: which adapters stand behind the ports. */
export { type Engines, type EnginesOptions, openEngines, patiently } from './openEngines.ts';
