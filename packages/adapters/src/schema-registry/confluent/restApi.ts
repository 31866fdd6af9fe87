import { AppError } from '@ebap/pipeline/errors';
import type { RegisteredSchema } from '@ebap/pipeline/ports';
import {
  type HttpEndpoint,
  HttpJsonClient,
  isRecord,
  type JsonAnswer,
  type JsonCall,
} from '../../http-client/index.ts';

/** The level the platform asks of every subject: a new schema reads what any version before it wrote. */
const LEVEL = 'BACKWARD_TRANSITIVE';

export type Registration = { readonly kind: 'registered' } | { readonly kind: 'refused'; readonly message: string };
export type Verdict = { readonly isCompatible: boolean; readonly messages: readonly string[] };

/**
 * The calls of the Confluent REST API (Schema Registry API reference, v1) that the platform needs, in its types.
 * Every method throws AppError `unavailable` (retryable), `configuration`, or `corrupt_data` for an answer that no
 * schema registry gives.
 */
export class RestApi {
  readonly #http: HttpJsonClient;

  constructor(endpoint: HttpEndpoint) {
    this.#http = new HttpJsonClient('The schema registry', endpoint, 'application/vnd.schemaregistry.v1+json');
  }

  /** Makes the subject's level BACKWARD_TRANSITIVE if it has none or another of its own. */
  async ensureLevel(subject: string): Promise<void> {
    const path = `/config/${encodeURIComponent(subject)}`;
    const found = this.#known(await this.#call({ method: 'GET', path }));
    if (isRecord(found) && found.compatibilityLevel === LEVEL) return;
    const put = await this.#call({ method: 'PUT', path, body: { compatibility: LEVEL }, retryOn: [409] });
    if (put.status !== 200) throw this.#strange(put);
  }

  /** Adds the schema to the subject, or finds it there. @throws AppError `bad_request` if it is no Avro schema. */
  async register(subject: string, schema: string): Promise<Registration> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = await this.#call({ method: 'POST', path, body: { schema, schemaType: 'AVRO' } });
    if (answer.status === 409) return { kind: 'refused', message: messageOf(answer.json) };
    if (answer.status !== 200) throw this.#strange(answer);
    return { kind: 'registered' };
  }

  /** Where the schema stands in the subject; null if it is not there. */
  async find(subject: string, schema: string): Promise<RegisteredSchema | null> {
    const path = `/subjects/${encodeURIComponent(subject)}`;
    return this.#registered(await this.#call({ method: 'POST', path, body: { schema, schemaType: 'AVRO' } }));
  }

  /** The version of the subject; null if there is none. */
  async version(subject: string, version: number | 'latest'): Promise<RegisteredSchema | null> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
    return this.#registered(await this.#call({ method: 'GET', path }));
  }

  /** The subject's versions, ascending. */
  async versionNumbers(subject: string): Promise<readonly number[]> {
    const answer = await this.#call({ method: 'GET', path: `/subjects/${encodeURIComponent(subject)}/versions` });
    const json = this.#known(answer);
    if (json === null) return [];
    if (!Array.isArray(json)) throw this.#strange(answer);
    return json.map((version) => this.#int32(version, answer)).sort((a, b) => a - b);
  }

  /** The schema's text; null if there is none with this id. */
  async schemaText(id: number): Promise<string | null> {
    const answer = await this.#call({ method: 'GET', path: `/schemas/ids/${id}` });
    const json = this.#known(answer);
    if (json === null) return null;
    if (!isRecord(json) || typeof json.schema !== 'string') throw this.#strange(answer);
    return json.schema;
  }

  /** The first place, by subject and version, where the id's schema stands; null if its subjects were all deleted. */
  async placeOf(id: number): Promise<{ readonly subject: string; readonly version: number } | null> {
    const answer = await this.#call({ method: 'GET', path: `/schemas/ids/${id}/versions` });
    const json = this.#known(answer) ?? [];
    if (!Array.isArray(json)) throw this.#strange(answer);
    const places = json.map((place: unknown) => {
      if (!isRecord(place) || typeof place.subject !== 'string') throw this.#strange(answer);
      return { subject: place.subject, version: this.#int32(place.version, answer) };
    });
    places.sort((a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : a.version - b.version));
    return places[0] ?? null;
  }

  /** What the registry itself says, against all versions; null if the subject does not exist. */
  async verdict(subject: string, schema: string): Promise<Verdict | null> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions?verbose=true`;
    const answer = await this.#call({ method: 'POST', path, body: { schema, schemaType: 'AVRO' } });
    const json = this.#known(answer);
    if (json === null) return null;
    if (!isRecord(json) || typeof json.is_compatible !== 'boolean') throw this.#strange(answer);
    const messages = Array.isArray(json.messages) ? json.messages.map(String) : [];
    return { isCompatible: json.is_compatible, messages };
  }

  #call(call: JsonCall): Promise<JsonAnswer> {
    return this.#http.call(call);
  }

  /** The body of a 200; null for a 404 of the API, which carries an error code: other 404s come from elsewhere. */
  #known(answer: JsonAnswer): unknown {
    if (answer.status === 200 && answer.json !== null) return answer.json;
    if (answer.status === 404 && isRecord(answer.json) && typeof answer.json.error_code === 'number') return null;
    throw this.#strange(answer);
  }

  #registered(answer: JsonAnswer): RegisteredSchema | null {
    const json = this.#known(answer);
    if (json === null) return null;
    if (!isRecord(json) || typeof json.subject !== 'string' || typeof json.schema !== 'string')
      throw this.#strange(answer);
    const { subject, schema } = json;
    return { id: this.#int32(json.id, answer), subject, version: this.#int32(json.version, answer), schema };
  }

  /** Ids are four bytes on the wire, and positive. */
  #int32(value: unknown, answer: JsonAnswer): number {
    if (typeof value === 'number' && isSchemaId(value)) return value;
    throw this.#strange(answer);
  }

  #strange({ status, json }: JsonAnswer): AppError {
    if (status === 422)
      return new AppError('bad_request', `${this.#http.label} refuses the schema: ${messageOf(json)}`);
    if (status === 404)
      return new AppError(
        'configuration',
        `${this.#http.label} answered 404: this is not the address of its REST API.`,
      );
    const said = messageOf(json);
    const what = said === '' ? 'with something that no schema registry says' : `: ${said}`;
    return new AppError('corrupt_data', `${this.#http.label} answered ${status} ${what}`.replace(' :', ':'));
  }
}

/** Whether a number can be a schema's id: a positive 32-bit integer. */
export function isSchemaId(id: number): boolean {
  return Number.isInteger(id) && id > 0 && id < 2 ** 31;
}

function messageOf(json: unknown): string {
  return isRecord(json) && typeof json.message === 'string' ? json.message.slice(0, 500) : '';
}
