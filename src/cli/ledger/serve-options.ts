import { InvalidArgumentError } from 'commander';

/** What `larder ledger serve` takes. */
export interface ServeOptions {
  readonly ledger?: string;
  readonly port: number;
  readonly host: string;
  readonly init?: boolean;
  readonly operator?: string;
  readonly key?: string;
  readonly tokenFile?: string;
  readonly commit: boolean;
  /** Of a cluster that is told of the newest record. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
}

const LARGEST_PORT = 65_535;

export function portOf(given: string): number {
  const port = Number(given);
  if (/^\d{1,5}$/.test(given) && port <= LARGEST_PORT) return port;
  throw new InvalidArgumentError(`a port is a number from 0 to ${LARGEST_PORT}`);
}
