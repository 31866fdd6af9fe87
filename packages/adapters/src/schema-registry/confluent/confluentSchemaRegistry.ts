import { AppError } from '@ebap/pipeline/errors';
import type { CompatibilityResult, RegisteredSchema, SchemaRegistry } from '@ebap/pipeline/ports';
import type { HttpEndpoint } from '../../http-client/index.ts';
import { canonicalSchema, compatibilityFaults, parseSchema } from '../avro/index.ts';
import { isSchemaId, RestApi } from './restApi.ts';

/** Address of the Confluent REST API, with credentials and certificate authorities where it wants them. */
export type ConfluentSchemaRegistryOptions = HttpEndpoint;

/**
 * Schemas in any registry that speaks the Confluent REST API. Opens no connection before it is asked something.
 * @throws AppError `configuration` for an address that is none.
 */
export function openConfluentSchemaRegistry(options: ConfluentSchemaRegistryOptions): SchemaRegistry {
  return new ConfluentSchemaRegistry(new RestApi(options));
}

class ConfluentSchemaRegistry implements SchemaRegistry {
  readonly #api: RestApi;
  // An id never changes its meaning, nor does a schema once registered vanish: what was found stays true.
  readonly #byId = new Map<number, RegisteredSchema>();
  readonly #byText = new Map<string, RegisteredSchema>();

  constructor(api: RestApi) {
    this.#api = api;
  }

  async register(subject: string, schema: string): Promise<RegisteredSchema> {
    const canonical = canonicalSchema(schema);
    const key = JSON.stringify([subject, canonical]);
    const cached = this.#byText.get(key);
    if (cached !== undefined) return cached;
    const history = await this.versions(subject);
    // Registries compare texts; to us, schemas that differ in form only are the same.
    const same = history.find((version) => canonicalSchema(version.schema) === canonical);
    const registered = same ?? (await this.#add(subject, schema));
    this.#byText.set(key, registered);
    return registered;
  }

  async byId(id: number): Promise<RegisteredSchema> {
    const found = this.#byId.get(id) ?? (await this.#findById(id));
    this.#byId.set(id, found);
    return found;
  }

  latest(subject: string): Promise<RegisteredSchema | null> {
    return this.#api.version(subject, 'latest');
  }

  async versions(subject: string): Promise<readonly RegisteredSchema[]> {
    const numbers = await this.#api.versionNumbers(subject);
    const found = await Promise.all(numbers.map((version) => this.#api.version(subject, version)));
    return found.filter((version) => version !== null);
  }

  /** The registry's own answer and ours: its level may be weaker than BACKWARD_TRANSITIVE, its reasons may be missing. */
  async checkCompatibility(subject: string, schema: string): Promise<CompatibilityResult> {
    const reader = parseSchema(schema);
    const history = await this.versions(subject);
    const verdict = history.length === 0 ? null : await this.#api.verdict(subject, schema);
    const reasons = history.flatMap(({ version, schema: written }) =>
      compatibilityFaults(reader, parseSchema(written)).map((fault) => `version ${version}: ${fault}`),
    );
    if (reasons.length > 0) return { compatible: false, reasons };
    if (verdict === null || verdict.isCompatible) return { compatible: true };
    return {
      compatible: false,
      reasons: verdict.messages.length > 0 ? verdict.messages : ['the registry gives no reason'],
    };
  }

  /** The level is made sure of first: without one, a registry takes anything. */
  async #add(subject: string, schema: string): Promise<RegisteredSchema> {
    const text = JSON.stringify(JSON.parse(schema));
    await this.#api.ensureLevel(subject);
    const outcome = await this.#api.register(subject, text);
    if (outcome.kind === 'refused') throw await this.#incompatible(subject, text, outcome.message);
    const registered = await this.#api.find(subject, text);
    if (registered === null)
      throw new AppError('unavailable', `The schema registry took a schema for ${subject} and does not show it yet`, {
        retryable: true,
      });
    return registered;
  }

  /** What a 409 says is each vendor's own: the check tells the reasons. */
  async #incompatible(subject: string, schema: string, said: string): Promise<AppError> {
    const checked = await this.checkCompatibility(subject, schema);
    const reasons = checked.compatible ? said : checked.reasons.join('; ');
    return new AppError('incompatible_schema', `${subject}: ${reasons}`, { context: { subject } });
  }

  async #findById(id: number): Promise<RegisteredSchema> {
    const schema = isSchemaId(id) ? await this.#api.schemaText(id) : null;
    if (schema === null) throw new AppError('not_found', `there is no schema ${id}`);
    // A schema outlives its subjects, since records hold its id: it has no version then.
    const { subject, version } = (await this.#api.placeOf(id)) ?? { subject: '', version: 0 };
    return { id, subject, version, schema };
  }
}
