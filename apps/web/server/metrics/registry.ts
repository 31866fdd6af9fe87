type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  render(name: string): readonly string[];
}

/** Counts events; only ever grows. */
export class Counter implements Family {
  readonly type = 'counter';
  readonly help: string;
  readonly #values = new Map<string, number>();

  constructor(help: string) {
    this.help = help;
  }

  add(amount: number, labels: Labels = {}): void {
    const key = labelText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  /** Sum over all labels. */
  get total(): number {
    let sum = 0;
    for (const value of this.#values.values()) sum += value;
    return sum;
  }

  render(name: string): readonly string[] {
    return [...this.#values].map(([labels, value]) => `${name}_total${labels} ${value}`);
  }
}

/** A value read when it is asked for. */
export class Gauge implements Family {
  readonly type = 'gauge';
  readonly help: string;
  readonly #read: () => number;

  constructor(help: string, read: () => number) {
    this.help = help;
    this.#read = read;
  }

  render(name: string): readonly string[] {
    return [`${name} ${this.#read()}`];
  }
}

/** How long things take, in seconds, by fixed bounds. */
export class Histogram implements Family {
  readonly type = 'histogram';
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(help: string, boundsSeconds: readonly number[]) {
    this.help = help;
    this.#bounds = boundsSeconds;
    this.#counts = new Array<number>(boundsSeconds.length).fill(0);
  }

  observeMs(valueMs: number): void {
    const seconds = valueMs / 1_000;
    this.#sum += seconds;
    this.#count++;
    const bucket = this.#bounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  render(name: string): readonly string[] {
    let cumulative = 0;
    const buckets = this.#bounds.map((bound, i) => {
      cumulative += this.#counts[i] ?? 0;
      return `${name}_bucket{le="${bound}"} ${cumulative}`;
    });
    return [
      ...buckets,
      `${name}_bucket{le="+Inf"} ${this.#count}`,
      `${name}_sum ${this.#sum}`,
      `${name}_count ${this.#count}`,
    ];
  }
}

/** All metrics of this process, rendered as OpenMetrics text. */
export class MetricsRegistry {
  readonly #families = new Map<string, Family>();

  /** Names carry their unit and no prefix; each may be registered once. */
  add<F extends Family>(name: string, family: F): F {
    this.#families.set(`ebap_${name}`, family);
    return family;
  }

  render(): string {
    const lines: string[] = [];
    for (const [name, family] of this.#families) {
      lines.push(`# TYPE ${name} ${family.type}`, `# HELP ${name} ${family.help}`, ...family.render(name));
    }
    return `${lines.join('\n')}\n# EOF\n`;
  }
}

export const OPENMETRICS_CONTENT_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

function labelText(labels: Labels): string {
  const names = Object.keys(labels).sort();
  if (names.length === 0) return '';
  const quoted = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  return `{${names.map((name) => `${name}="${quoted(labels[name] ?? '')}"`).join(',')}}`;
}
