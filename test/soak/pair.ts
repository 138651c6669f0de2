/** Two operators on one cluster and one export, of which one leads; each can be killed and is started again. */
import { type RunningOperator, startOperator } from '../e2e/larder.ts';
import { residentMiB } from '../tools/process.ts';

export class Pair {
  readonly #kubeconfig: string;
  readonly #folder: string;
  readonly #operators: RunningOperator[] = [];
  readonly #memory: number[] = [];

  constructor(kubeconfig: string, folder: string) {
    this.#kubeconfig = kubeconfig;
    this.#folder = folder;
  }

  async start(): Promise<void> {
    for (const name of ['one', 'two']) this.#operators.push(await this.#begin(name));
  }

  /** The one that has lived longest, with SIGKILL. */
  async killOne(): Promise<void> {
    const oldest = this.#operators.shift();
    if (!oldest) throw new RangeError('none was started');
    this.#memory.push(residentMiB(oldest.pid));
    oldest.kill('SIGKILL');
    await oldest.exited;
    this.#operators.push(await this.#begin(`next-${this.#memory.length}`));
  }

  /** In MiB: of each that was killed, and of those that live. */
  async memory(): Promise<readonly number[]> {
    return [...this.#memory, ...this.#operators.map(({ pid }) => residentMiB(pid))].map(Math.round);
  }

  async end(): Promise<void> {
    for (const operator of this.#operators.splice(0)) {
      operator.kill('SIGKILL');
      await operator.exited;
    }
  }

  /** One that does not come up while the API server is down is started once more. */
  async #begin(name: string): Promise<RunningOperator> {
    const args = [
      '--kubeconfig',
      this.#kubeconfig,
      '--allow-local',
      '--export',
      `127.0.0.1:/storage/v=${this.#folder}`,
    ];
    const start = (): Promise<RunningOperator> => startOperator([...args, '--node-name', name]);
    return start().catch(start);
  }
}
