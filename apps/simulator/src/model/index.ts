export type { ProfileChange } from './accounts.ts';
export { CATALOGUE, priceCents } from './catalogue.ts';
export { type FaultRates, USUAL_FAULTS } from './faults.ts';
export { type Emission, type Fate, type ModelOptions, type ModelOutput, ShopModel } from './model.ts';
export { type KnownProfile, type Profile, SHOPPER_TIERS, type ShopperTier } from './people.ts';
export { hash32, RandomStream } from './random.ts';
export type { EventRecord } from './records.ts';
export { SHOP_REGIONS, SHOPPER_PLATFORMS, type ShopperPlatform, type ShopRegion } from './regions.ts';
export {
  type Conditions,
  conditionsAt,
  parseScenario,
  SCENARIO_NAMES,
  type ScenarioName,
  type ScenarioRun,
  scenarioEffect,
  scenarioRun,
} from './scenarios.ts';
export { SHOPS } from './shop.ts';
