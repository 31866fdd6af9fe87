import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

type Section = Readonly<Record<string, unknown>>;

const SCHEMA_FILE = join(import.meta.dirname, 'compose-spec.json');
/** `$$` is a dollar; a variable has a name and perhaps a default, a replacement or a message (`:-`, `:+`, `:?`). */
const REFERENCE = /\$(?:(?<escaped>\$)|(?<plain>[A-Za-z_]\w*)|\{(?<braced>[A-Za-z_]\w*)(?<rest>(?::?[-+?])[^}]*)?\}|)/g;

/** Variables that a run of Compose has to be given, by name. */
export type Variables = Readonly<Record<string, string>>;

/**
 * What is wrong with the text of a Compose file: YAML, variables, the schema of the Compose Specification, names that
 * services refer to. Empty when `docker compose config` would take it, as far as one can tell without an engine.
 */
export function composeFindings(text: string, variables: Variables): readonly string[] {
  let document: unknown;
  const missing: string[] = [];
  try {
    document = interpolated(parse(text, { merge: true }), variables, missing);
  } catch (error) {
    return [`not YAML: ${error instanceof Error ? error.message : String(error)}`];
  }
  return [...new Set([...missing, ...schemaFindings(document), ...referenceFindings(document)])];
}

/** Replaces variables in all values as Compose does; what has no value is noted. */
function interpolated(value: unknown, variables: Variables, missing: string[]): unknown {
  if (typeof value === 'string') return withVariables(value, variables, missing);
  if (Array.isArray(value)) return value.map((item) => interpolated(item, variables, missing));
  if (!isSection(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolated(item, variables, missing)]));
}

function withVariables(text: string, variables: Variables, missing: string[]): string {
  return text.replaceAll(REFERENCE, (reference, ...args) => {
    // The last argument of a replacer is the map of the named groups.
    const { escaped, plain, braced, rest = '' } = args.at(-1) as Readonly<Record<string, string | undefined>>;
    if (escaped !== undefined) return '$';
    const name = plain ?? braced;
    if (name === undefined) {
      missing.push(`"${text}" has a dollar that begins no variable: write $$ for a plain one`);
      return reference;
    }
    const value = variables[name];
    const isGiven = value !== undefined && (value !== '' || !rest.startsWith(':'));
    const operator = rest.replace(':', '').charAt(0);
    const word = rest.replace(/^:?./, '');
    if (operator === '+') return isGiven ? word : '';
    if (isGiven) return value;
    if (operator === '-') return word;
    missing.push(`the variable ${name} is not set`);
    return name;
  });
}

function schemaFindings(document: unknown): readonly string[] {
  const { $schema: _, ...schema } = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as Section;
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
  const isValid = ajv.compile(schema);
  if (isValid(document)) return [];
  return (isValid.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
  );
}

/** Names that a service uses and the file does not have. */
function referenceFindings(document: unknown): readonly string[] {
  const root = section(document);
  const services = section(root.services);
  const findings: string[] = [];
  for (const [name, service] of Object.entries(services)) {
    const { depends_on: needs, volumes, networks, secrets, configs } = section(service);
    const check = (kind: string, used: readonly string[], known: Section): void => {
      for (const one of used) if (!(one in known)) findings.push(`service ${name} names ${kind} ${one}: there is none`);
    };
    check('service', namesOf(needs), services);
    check('volume', list(volumes).flatMap(namedVolume), section(root.volumes));
    check('network', namesOf(networks), { default: null, ...section(root.networks) });
    check('secret', list(secrets).map(sourceOf), section(root.secrets));
    check('config', list(configs).map(sourceOf), section(root.configs));
    for (const [needed, how] of Object.entries(isSection(needs) ? needs : {})) {
      const isWaited = section(how).condition === 'service_healthy';
      if (isWaited && section(services[needed]).healthcheck === undefined)
        findings.push(`service ${name} waits for the health of ${needed}, which has no health check`);
    }
  }
  return findings;
}

/** The named volume of a mount; a path of the host or a mount of another type has none. */
function namedVolume(mount: unknown): readonly string[] {
  if (typeof mount === 'string') {
    const [source = ''] = mount.split(':');
    return mount.includes(':') && /^[\w-]/.test(source) ? [source] : [];
  }
  const { type, source } = section(mount);
  return type === 'volume' && typeof source === 'string' ? [source] : [];
}

function sourceOf(use: unknown): string {
  return typeof use === 'string' ? use : String(section(use).source);
}

/** Compose takes a list of names or a map by name. */
function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : Object.keys(section(value));
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function section(value: unknown): Section {
  return isSection(value) ? value : {};
}

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
