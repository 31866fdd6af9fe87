import type { Colour, Paint } from './colour.ts';

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const TICK_MS = 500;
/** Where nobody can be shown a line that changes, a step that lasts is named after so long, and as often. */
const LONG_STEP_MS = 20_000;
const PREFIX_WIDTH = 10;

/** The one writer to the terminal: whole lines, and on a real terminal a status line that stays below them. */
export class Terminal {
  readonly #out: Output;
  readonly #paint: Paint;
  readonly #running = new Map<string, number>();
  #status = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(out: Output, paint: Paint) {
    this.#out = out;
    this.#paint = paint;
  }

  line(text: string): void {
    if (this.#out.isTTY === true) this.#out.write(`\r\u001b[2K${text}\n${this.#status}`);
    else this.#out.write(`${text}\n`);
  }

  /** A line of a child process under its name. */
  serviceLine(service: string, colour: Colour, text: string): void {
    this.line(`${this.#paint(colour, service.padEnd(PREFIX_WIDTH))} ${text}`);
  }

  /**
   * Shows what is going on, with the seconds it has taken, until the work ends. Steps may run side by side.
   * @returns what the work returns; its error passes through after a line that names the step
   */
  async step<Result>(label: string, work: () => Promise<Result>): Promise<Result> {
    this.#running.set(label, performance.now());
    this.#showRunning();
    const reminder = this.#out.isTTY === true ? undefined : this.#remind(label);
    try {
      const result = await work();
      this.#end(label, this.#paint('green', '✔'));
      return result;
    } catch (error) {
      this.#end(label, this.#paint('red', '✘'));
      throw error;
    } finally {
      clearInterval(reminder);
    }
  }

  #remind(label: string): NodeJS.Timeout {
    return setInterval(() => this.line(`◌ ${label} … ${this.#seconds(label)}`), LONG_STEP_MS).unref();
  }

  #end(label: string, mark: string): void {
    const seconds = this.#seconds(label);
    this.#running.delete(label);
    this.#showRunning();
    this.line(`${mark} ${label} ${seconds}`);
  }

  #seconds(label: string): string {
    const startedMs = this.#running.get(label) ?? performance.now();
    return this.#paint('dim', `${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  }

  #showRunning(): void {
    if (this.#out.isTTY !== true) return;
    clearTimeout(this.#timer);
    const labels = [...this.#running.keys()].map((label) => `${label} … ${this.#seconds(label)}`);
    this.#status = labels.length === 0 ? '' : `${this.#paint('cyan', '◌')} ${labels.join('   ')}`;
    this.#out.write(`\r\u001b[2K${this.#status}`);
    if (labels.length > 0) this.#timer = setTimeout(() => this.#showRunning(), TICK_MS).unref();
  }
}
