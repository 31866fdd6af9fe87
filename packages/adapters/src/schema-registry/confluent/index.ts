export { type ConfluentSchemaRegistryOptions, openConfluentSchemaRegistry } from './confluentSchemaRegistry.ts';
