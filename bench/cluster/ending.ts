type Step = (failed: boolean) => unknown;

/** What must end when a stage does, whichever way: last in, first out. */
export class Ending {
  readonly #steps: Step[] = [];
  #running: Promise<void> | undefined;

  /** @param step is told whether the stage failed */
  add(step: Step): void {
    this.#steps.push(step);
  }

  /** Does all of it, once; a step that fails does not keep the others from being done. */
  run(failed: boolean): Promise<void> {
    this.#running ??= this.#runAll(failed);
    return this.#running;
  }

  async #runAll(failed: boolean): Promise<void> {
    for (const step of this.#steps.toReversed()) {
      try {
        await step(failed);
      } catch (error) {
        console.error(`while ending: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
