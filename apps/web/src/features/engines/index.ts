export { EngineStatusProvider, useIsLiveStopped } from './EngineStatusProvider.tsx';
export { EnginesPanel } from './EnginesPanel.tsx';
export { OutageBanner } from './OutageBanner.tsx';
